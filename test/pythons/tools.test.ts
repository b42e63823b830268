import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { knownPython, type PythonTools, toolsFor } from '#plugins/api';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { debianMissing, type DebianRelease, debianTree, runIn } from './debian.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 600_000 });

/** A Python that Debian has: where it is, and what the catalogue calls it. */
interface Subject {
  /** As the catalogue has it; `-32` behind it: of the 32-bit edition. */
  readonly name: string;
  readonly program: string;
  /** Whether the release has a pytest that it finds. */
  readonly pytest: boolean;
}

const PYTHON3 = ['python3-pip', 'python3-pytest', 'python3-venv', 'virtualenv'];
const RELEASES: readonly (DebianRelease & { readonly subjects: readonly Subject[] })[] = [
  {
    suite: 'bullseye',
    architecture: 'amd64',
    packages: [...PYTHON3, 'python2.7', 'pypy', 'pypy3', 'jython'],
    subjects: [
      { name: '2.7', program: '/usr/bin/python2.7', pytest: false },
      { name: '3.9', program: '/usr/bin/python3.9', pytest: true },
      { name: 'pypy2.7', program: '/usr/bin/pypy', pytest: false },
      { name: 'pypy3.7', program: '/usr/bin/pypy3', pytest: true },
      { name: 'jython2.7', program: '/usr/bin/jython', pytest: false },
    ],
  },
  {
    suite: 'bookworm',
    architecture: 'amd64',
    packages: [...PYTHON3, 'pypy3', 'pypy3-venv', 'python3-exceptiongroup', 'python3-tomli', 'python3-setuptools-whl', 'python3-wheel-whl'],
    subjects: [
      { name: '3.11', program: '/usr/bin/python3.11', pytest: true },
      { name: 'pypy3.9', program: '/usr/bin/pypy3', pytest: true },
    ],
  },
  {
    suite: 'bookworm',
    architecture: 'i386',
    packages: [...PYTHON3, 'python3-setuptools-whl', 'python3-wheel-whl'],
    subjects: [{ name: '3.11-32', program: '/usr/bin/python3.11', pytest: true }],
  },
  {
    suite: 'trixie',
    architecture: 'amd64',
    packages: [...PYTHON3, 'pypy3', 'pypy3-venv', 'python3-setuptools-whl', 'python3-wheel-whl'],
    subjects: [
      { name: '3.13', program: '/usr/bin/python3.13', pytest: true },
      { name: 'pypy3.11', program: '/usr/bin/pypy3', pytest: true },
    ],
  },
  {
    suite: 'sid',
    architecture: 'amd64',
    packages: [...PYTHON3, 'python3.15', 'python3.15-venv', 'python3-setuptools-whl'],
    subjects: [
      { name: '3.14', program: '/usr/bin/python3.14', pytest: true },
      { name: '3.15', program: '/usr/bin/python3.15', pytest: true },
    ],
  },
];

/** Prints what it is, and the width of its pointers. */
const IDENTITY =
  'import platform, sys; print("%s %d.%d %s" % (platform.python_implementation(), sys.version_info[0], sys.version_info[1], sys.maxsize > 2 ** 32))';
/** Prints the versions of tools that it can import; setuptools wants to be the first. */
const VERSIONS = `
for name in ("setuptools", "pip", "wheel", "virtualenv", "pytest"):
    try:
        module = __import__(name)
    except ImportError:
        continue
    print("%s %s" % (name, module.__version__))
`;
const SETUP = 'from setuptools import setup\nsetup(name="demo", version="1.0", py_modules=["demo"])\n';
const TESTS = 'def test_good():\n    assert 1 + 1 == 2\n\ndef test_bad():\n    assert 1 + 1 == 3\n';

const missing = debianMissing();

describe.skipIf(missing !== null)(`the Pythons of Debian${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  describe.each(RELEASES)('of $suite, $architecture', ({ subjects, ...release }) => {
    let tree: string;
    let home: TemporaryFolder;

    beforeAll(async () => {
      tree = await debianTree(release);
      home = await temporaryFolder();
      await mkdir(join(home.path, 'demo'));
      await writeFile(join(home.path, 'demo', 'setup.py'), SETUP);
      await writeFile(join(home.path, 'demo', 'demo.py'), 'ANSWER = 42\n');
      await writeFile(join(home.path, 'test_demo.py'), TESTS);
    });
    afterAll(() => home?.remove());

    const java = { PATH: '/usr/bin:/bin:/usr/lib/jvm/java-11-openjdk-amd64/bin' };
    const output = async (...argv: string[]): Promise<string> => {
      const outcome = await runIn(tree, home.path, argv, java);
      expect(outcome.code, `${argv.join(' ')}: ${outcome.output}`).toBe(0);
      return outcome.output;
    };

    test.each(subjects)('$name is what the catalogue says', async ({ name, program }) => {
      const { language, implementation } = pythonOf(name);
      const said = { cpython: 'CPython', 'cpython-free-threaded': 'CPython', pypy: 'PyPy', jython: 'Jython' }[implementation];
      const isWide = implementation === 'jython' ? 'False' : name.endsWith('-32') ? 'False' : 'True';
      expect(await output(program, '-c', IDENTITY)).toContain(`${said} ${language} ${isWide}`);
    });

    test.each(subjects)('$name has its own environment as the table says, with tools that it allows, and they work', async ({ name, program }) => {
      const tools = toolsFor(pythonOf(name));
      const folder = `/home/env-${name}`;
      if (tools.environment === 'none') return await expectNone(program, folder);
      const make = tools.environment === 'venv' ? [program, '-m', 'venv', folder] : ['/usr/bin/virtualenv', '-p', program, folder];
      await output(...make);
      const python = `${folder}/bin/python`;
      const inside = versionsOf(await output(python, '-c', VERSIONS));
      expect(inside.has('pip')).toBe(true);
      expectAllowed(inside, tools);
      if (tools.environment === 'virtualenv')
        expectAllowed(versionsOf(await output('/usr/bin/python3', '-c', VERSIONS)), { virtualenv: tools.virtualenv });
      // See `userPip` of the agent: where Debian's PyPy puts compiled modules.
      const compile = name === 'pypy2.7' ? ['--no-compile'] : [];
      await output(python, '-m', 'pip', 'install', ...compile, './demo');
      expect(await output(python, '-c', 'import demo; print(demo.ANSWER)')).toContain('42');
    });

    test.each(subjects.filter(({ pytest }) => pytest))('$name runs a pytest that the table allows', async ({ name, program }) => {
      const found = versionsOf(await output(program, '-c', VERSIONS));
      expect(found.has('pytest')).toBe(true);
      expectAllowed(new Map([['pytest', found.get('pytest') ?? '']]), toolsFor(pythonOf(name)));
      const outcome = await runIn(tree, home.path, [program, '-m', 'pytest', '-p', 'no:cacheprovider', 'test_demo.py']);
      expect([outcome.code, outcome.output]).toEqual([1, expect.stringMatching(/1 failed, 1 passed/)]);
    });

    /** There is no way to make one: neither of its own nor by the virtualenv of its time. */
    async function expectNone(program: string, folder: string): Promise<void> {
      for (const make of [
        [program, '-m', 'venv', folder],
        ['/usr/bin/virtualenv', '-p', program, folder],
      ])
        expect((await runIn(tree, home.path, make, java)).code, make.join(' ')).not.toBe(0);
    }
  });
});

function pythonOf(name: string): NonNullable<ReturnType<typeof knownPython>> {
  const found = knownPython(name.replace(/-32$/, ''));
  if (found === undefined) throw new Error(`There is no ${name} in the catalogue.`);
  return found;
}

function versionsOf(output: string): Map<string, string> {
  return new Map([...output.matchAll(/^([a-z]+) (\d[\w.]*)$/gm)].map(([, name = '', version = '']) => [name, version]));
}

/** None is newer than the table's: that would show that the table is too strict. */
function expectAllowed(
  found: ReadonlyMap<string, string>,
  tools: Partial<Pick<PythonTools, 'pip' | 'setuptools' | 'wheel' | 'virtualenv' | 'pytest'>>,
): void {
  for (const [name, limit] of Object.entries(tools)) {
    const version = found.get(name);
    if (version === undefined || typeof limit === 'string' || limit.version === 'current') continue;
    expect(limit.version, name).not.toBe('none');
    expect(version.localeCompare(limit.version, 'en', { numeric: true }), `${name} ${version} beside ${limit.version}`).toBeLessThanOrEqual(0);
  }
}
