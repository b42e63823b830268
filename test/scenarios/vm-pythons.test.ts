import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ImageRecipe } from '#plugins/api';
import { INTERPRETERS } from '#plugins/kit/vm/build/interpreters';
import { ownOutput } from './support.ts';
import { vmMissing, VmScenario } from './vm-support.ts';

/** Five releases of Debian are installed for it, and each Python has a machine of its own. */
const isWanted = process.env['TERRARIUM_TEST_PYTHONS'] !== undefined;
const missing = isWanted ? vmMissing : 'TERRARIUM_TEST_PYTHONS is not set';
const NAMES = [...Object.keys(INTERPRETERS), '3.11-32'];

vi.setConfig({ testTimeout: 3_600_000, hookTimeout: 1_800_000 });

const IMAGE = ImageRecipe.parse({ name: 'pythons', system: 'debian-12', interpreters: NAMES });
const FILES = {
  'setup.py': 'from setuptools import setup\nsetup(name="demo", version="1.0", py_modules=["demo"])\n',
  'demo.py': 'def answer():\n    return 42\n',
  'tests/test_demo.py':
    'import unittest\nimport demo\nclass Demo(unittest.TestCase):\n    def test_answer(self):\n        self.assertEqual(demo.answer(), 42)\n',
};
/** What is there for it builds it: there is no index. Debian's Jython has no pip. */
const INSTALL = 'pip install --no-index --no-build-isolation .';

let vm: VmScenario;

describe.skipIf(missing !== null)(`every Python that an image can have${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  beforeAll(async () => {
    vm = await VmScenario.open({ image: IMAGE, runner: { resources: { memoryMegabytes: 768 } }, pool: { jobs: 2, machines: 2 } });
  });
  afterAll(() => vm?.close());

  test('installs a project by its own pip and runs its tests, under each of its names', async () => {
    const jobs = NAMES.map((python) => {
      const isJython = python.startsWith('jython');
      const identity =
        'python -c "import platform, sys; print(\\"%s %d.%d\\" % (platform.python_implementation(), sys.version_info[0], sys.version_info[1]))"';
      const tests = isJython ? '(cd tests && JYTHONPATH=.. python -m unittest -v test_demo)' : '(cd tests && python -m unittest -v test_demo)';
      return { name: python, python, install: isJython ? 'true' : INSTALL, test: [identity, tests] };
    });
    const { folder } = await vm.scenario.repository('demo', { ...FILES, '.terrarium.yml': JSON.stringify({ jobs }) });
    const project = await vm.scenario.addProject(folder, 'demo');
    const ended = await vm.scenario.ended((await vm.scenario.start(project.id)).id, 3_000_000);
    const logs = await Promise.all(ended.jobs.map(async ({ id, name }) => `${name}\n${ownOutput(await vm.scenario.log(id)).toString()}`));
    const identities = logs.map((log) => /^(?:CPython|PyPy|Jython) \d+\.\d+$/m.exec(log)?.[0]);
    const bad = ended.jobs.flatMap(({ state }, index) => (state === 'passed' ? [] : [logs[index]]));
    expect(
      ended.jobs.map(({ name, state }) => [name, state]),
      bad.join('\n'),
    ).toEqual(NAMES.map((name) => [name, 'passed']));
    expect(identities).toEqual(NAMES.map(identityOf));
  });
});

/** `PyPy 3.11` of `pypy3.11`. */
function identityOf(name: string): string {
  const [, kind = '', version = ''] = /^([a-z]*)(\d+\.\d+)/.exec(name) ?? [];
  return `${{ '': 'CPython', pypy: 'PyPy', jython: 'Jython' }[kind] ?? kind} ${version}`;
}
