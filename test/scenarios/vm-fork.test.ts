import { execFile } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { ImageRecipe } from '#plugins/api';
import { BuildSummary, type BuildView, ForkReport, type ProjectView } from '#server/api';
import { type TemporaryFolder, temporaryFolder } from '../support/temporary.ts';
import { ownOutput, until } from './support.ts';
import { vmMissing, VmScenario } from './vm-support.ts';

/** A source archive of CPython 3.11: it is compiled in a translated machine, which takes most of an hour. docs/FORKS.md says how to have one. */
const SOURCE = process.env['TERRARIUM_TEST_CPYTHON'];
const missing = SOURCE === undefined ? 'TERRARIUM_TEST_CPYTHON names no source archive of CPython 3.11' : vmMissing;
const run = promisify(execFile);
const HOURS_MS = 4 * 3600 * 1000;

vi.setConfig({ testTimeout: HOURS_MS, hookTimeout: 1_200_000 });

const IMAGE = ImageRecipe.parse({
  name: 'forge',
  system: 'debian-12',
  interpreters: ['3.11'],
  packages: ['libffi-dev', 'libssl-dev', 'zlib1g-dev'],
});

/** What the fork has changed: `mktemp`, whose names another may take first, is gone. */
const AUDITED = `

def mktemp(*args, **kwargs):
    raise RuntimeError("mktemp was taken out of this Python: use mkstemp")
`;

/** A package that knows nothing of it. */
const LEDGER = {
  'ledger.py': `from decimal import Decimal

def balance(lines):
    return sum((Decimal(amount) for _, amount in lines), Decimal(0))
`,
  'test_ledger.py': `import unittest
from ledger import balance

class LedgerTest(unittest.TestCase):
    def test_cents_are_exact(self):
        self.assertEqual(str(balance([("a", "0.10"), ("b", "0.20")])), "0.30")
    def test_nothing(self):
        self.assertEqual(balance([]), 0)
`,
};
/** And one of whose three tests one comes by what is gone. */
const SPOOL = {
  'spool.py': `import os, tempfile

def safe(text):
    handle, path = tempfile.mkstemp()
    with os.fdopen(handle, "w") as file:
        file.write(text)
    return path

def old(text):
    path = tempfile.mktemp()
    with open(path, "w") as file:
        file.write(text)
    return path
`,
  'test_spool.py': `import unittest
import spool

class SpoolTest(unittest.TestCase):
    def test_safe(self):
        with open(spool.safe("a")) as file:
            self.assertEqual(file.read(), "a")
    def test_old(self):
        with open(spool.old("b")) as file:
            self.assertEqual(file.read(), "b")
    def test_twice(self):
        self.assertNotEqual(spool.safe("a"), spool.safe("a"))
`,
};

let home: TemporaryFolder;
let vm: VmScenario;

describe.skipIf(missing !== null)(`CPython itself as the fork${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  beforeAll(async () => {
    home = await temporaryFolder();
    vm = await VmScenario.open({
      image: IMAGE,
      runner: { resources: { cpus: 2, memoryMegabytes: 2048 } },
      pool: { jobs: 1, machines: 1 },
    });
  });

  afterAll(async () => {
    await vm?.close();
    await home?.remove();
  });

  test('is built in a machine when it is pushed, and the report shows just the regression', async () => {
    const { scenario } = vm;
    const origin = await sourceRepository();
    const fork = await scenario.addProject(origin.bare, 'acme-python', { pollSeconds: 10 });
    const settings = {
      name: 'acme-3.11',
      upstream: '3.11',
      images: [IMAGE.name],
      configure: ['CFLAGS=-O0 -g0'],
      tests: ['test_textwrap', 'test_json'],
    };
    await scenario.json('PUT', `/api/projects/${fork.id}/fork`, settings);
    for (const [name, files] of Object.entries({ ledger: LEDGER, spool: SPOOL })) {
      const { id } = await packageProject(name, files);
      await scenario.json('POST', `/api/projects/${fork.id}/fork/packages`, { projectId: id });
    }
    await until('the first look at its repository', async () => (await vm.row(`select 1 from project_refs where project_id = ${fork.id}`)) ?? null);

    const commit = await origin.push();
    const build = await newest(fork);
    expect(build.change.commit).toBe(commit);
    const ended = await scenario.ended(build.id, HOURS_MS);
    const logs = await Promise.all(ended.jobs.map(async ({ id }) => (await scenario.log(id)).toString()));
    expect(
      ended.jobs.map((job) => [job.name, job.state, job.reason]),
      logs.map((log) => log.slice(-3000)).join('\n'),
    ).toEqual([
      ['build · forge', 'passed', null],
      ['test · forge', 'passed', null],
    ]);

    const report = await until('both packages to be tried', () => compared(fork), HOURS_MS);
    expect(report).toMatchObject({
      revision: commit,
      packages: [
        { projectName: 'ledger', outcome: 'same', pairs: [{ outcome: 'same', upstream: { state: 'passed' }, fork: { state: 'passed' } }] },
        {
          projectName: 'spool',
          outcome: 'regressed',
          pairs: [
            {
              upstream: { state: 'passed', tests: 3, failed: 0 },
              fork: { state: 'failed', tests: 3, failed: 1 },
              tests: [{ name: expect.stringContaining('test_old'), outcome: 'regressed' }],
            },
          ],
        },
      ],
    });
    expect(report.packages[1]?.pairs[0]?.tests).toHaveLength(1);

    const user = await scenario.ended(
      (await scenario.build('user', JSON.stringify({ checkout: false, python: 'acme-3.11', test: 'python -c "import sys; print(sys.version)"' }))).id,
      HOURS_MS,
    );
    expect(ownOutput(await scenario.log(user.jobs[0]?.id ?? 0)).toString()).toMatch(/^3\.11\.\d+\+acme /m);
  });
});

/** The sources as upstream has them in a repository to push to, and a work tree with one commit more. */
async function sourceRepository(): Promise<{ bare: string; push: () => Promise<string> }> {
  const [bare, work] = [join(home.path, 'cpython.git'), join(home.path, 'cpython')];
  const git = async (...args: string[]): Promise<string> =>
    (await run('git', ['-C', work, '-c', 'user.name=Test', '-c', 'user.email=test@localhost', ...args])).stdout.trim();
  const commit = async (message: string): Promise<string> => {
    await git('add', '--all', '--force');
    await git('commit', '--quiet', '--message', message);
    return await git('rev-parse', 'HEAD');
  };
  await mkdir(work);
  await run('git', ['init', '--quiet', '--bare', '--initial-branch=main', bare]);
  await run('git', ['init', '--quiet', '--initial-branch=main', work]);
  await run('tar', ['-C', work, '--strip-components=1', '-xf', SOURCE ?? '']);
  await commit('As released');
  await git('push', '--quiet', bare, 'main');
  return {
    bare,
    push: async () => {
      await edit(join(work, 'Include', 'patchlevel.h'), (text) => text.replace(/(#define PY_VERSION\s+"[^"]+)"/, '$1+acme"'));
      await edit(join(work, 'Lib', 'tempfile.py'), (text) => text + AUDITED);
      const changed = await commit('Ours: mktemp is taken out');
      await git('push', '--quiet', bare, 'main');
      return changed;
    },
  };
}

async function edit(path: string, change: (text: string) => string): Promise<void> {
  const text = await readFile(path, 'utf8');
  const changed = change(text);
  if (changed === text) throw new Error(`${path} is not as it was expected`);
  await writeFile(path, changed);
}

async function packageProject(name: string, files: Readonly<Record<string, string>>): Promise<ProjectView> {
  const description = `python: 3.11\ntest: python -m unittest -v test_${name}\n`;
  const { folder } = await vm.scenario.repository(name, { ...files, '.terrarium.yml': description });
  return await vm.scenario.addProject(folder, name);
}

async function newest({ id }: ProjectView): Promise<BuildView> {
  return await until('a build of what was pushed', async () => {
    const [build] = z.array(BuildSummary).parse(await vm.scenario.json('GET', `/api/projects/${id}/builds`));
    return build === undefined ? null : await vm.scenario.getBuild(build.id);
  });
}

async function compared({ id }: ProjectView): Promise<ForkReport | null> {
  const report = ForkReport.parse(await vm.scenario.json('GET', `/api/projects/${id}/fork/report`));
  return report.packages.length === 2 && report.packages.every(({ outcome }) => outcome !== 'open') ? report : null;
}
