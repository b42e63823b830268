import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chmod, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ForkReport, ForkView, type ProjectView } from '#server/api';
import { giveRole, newcomer } from './people.ts';
import { machines, ownOutput, Scenario, type TestRepository, until } from './support.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 180_000 });

/** Debian's own, which is one file with its library beside it in /usr: copied elsewhere it finds the library there. */
const PYTHON = '/usr/bin/python3';

/** A fork in small: `configure` and a Makefile that make a Python of the system's, with the modules of the repository in place of its own. */
const CONFIGURE = `#!/bin/sh
printf 'option %s\\n' "$@"
for word in "$@"; do case $word in --prefix=*) prefix=\${word#--prefix=} ;; esac; done
printf 'prefix = %s\\n' "$prefix" >settings.mk
`;
const MAKEFILE = `include settings.mk
all:
\t@echo built
install:
\t${PYTHON} install.py "$(prefix)"
`;
const INSTALL = `import os, shutil, sys, sysconfig
prefix = sys.argv[1]
version = "python%d.%d" % sys.version_info[:2]
target = os.path.join(prefix, "lib", version)
leave = shutil.ignore_patterns("test", "tests", "__pycache__", "site-packages", "dist-packages", "idlelib", "config-*", "ensurepip", "sitecustomize.py")
shutil.copytree(sysconfig.get_path("stdlib"), target, ignore=leave)
os.makedirs(os.path.join(target, "site-packages"))
os.makedirs(os.path.join(prefix, "bin"))
shutil.copy(os.path.realpath(sys.executable), os.path.join(prefix, "bin", "python3"))
for name in os.listdir("Lib"):
    if name.endswith(".py"):
        shutil.copy(os.path.join("Lib", name), os.path.join(target, name))
`;
const GOOD = 'def answer():\n    return 42\n';
/** What packages know nothing of: here a module of its own that upstream has, too, in the shape of the site's customisation. */
const FILES = {
  configure: CONFIGURE,
  Makefile: MAKEFILE,
  'install.py': INSTALL,
  'Lib/acme_answer.py': GOOD,
  'Lib/test/__init__.py': '',
  'Lib/test/__main__.py': 'import acme_answer, sys\nprint("arguments", sys.argv[1:])\nassert acme_answer.answer() in (42, 41)\n',
};

const STEADY = `import unittest
class Steady(unittest.TestCase):
    def test_sum(self):
        self.assertEqual(1 + 1, 2)
`;
/** On the upstream, which has no such module, the answer is known. */
const TOUCHY = `import unittest
try:
    from acme_answer import answer
except ImportError:
    def answer():
        return 42
class Touchy(unittest.TestCase):
    def test_answer(self):
        self.assertEqual(answer(), 42)
    def test_other(self):
        self.assertTrue(True)
`;

/** What python-build is called with, and what it does: it installs a Python. */
const PYTHON_BUILD = `#!/bin/sh
[ "$1" = --verbose ] || exit 9
printf 'python-build: %s\\n' "$2"
set -f
printf '%s\\n' $PYTHON_CONFIGURE_OPTS
exec ${PYTHON} install.py "$3"
`;

const run = promisify(execFile);
let scenario: Scenario;
let repository: TestRepository;
let fork: ProjectView;
let minor: string;

beforeAll(async () => {
  const { plugins, ...config } = JSON.parse(machines(2));
  const archives = { plugin: 'scm-archive', config: { localFolders: ['/'] } };
  scenario = await Scenario.open(JSON.stringify({ ...config, plugins: [...plugins, archives] }));
  repository = await scenario.repository('cpython', FILES);
  await chmod(join(repository.folder, 'configure'), 0o755);
  await repository.commit({});
  fork = await scenario.addProject(repository.folder, 'cpython');
});

afterAll(() => scenario?.close());

async function report(revision?: string): Promise<ForkReport> {
  return ForkReport.parse(await scenario.json('GET', `/api/projects/${fork.id}/fork/report${revision === undefined ? '' : `?revision=${revision}`}`));
}

async function packageProject(name: string, source: string): Promise<ProjectView> {
  const description = JSON.stringify({ python: minor, test: 'python -m unittest -v test_it' });
  return await scenario.addProject((await scenario.repository(name, { '.terrarium.yml': description, 'test_it.py': source })).folder, name);
}

test.skipIf(!existsSync(PYTHON))('a fork is built, published, tested by itself, and its packages are tried on it beside its upstream', async () => {
  const seen = await scenario.ended(
    (await scenario.build('version', `{"checkout": false, "test": "${PYTHON} -c 'import sys; print(\\"%d.%d\\" % sys.version_info[:2])'"}`)).id,
  );
  minor = ownOutput(await scenario.log(seen.jobs[0]?.id ?? 0))
    .toString()
    .trim();
  const name = `acme-${minor}`;
  expect((await scenario.request('GET', `/api/projects/${fork.id}/fork`)).status).toBe(404);
  const settings = { name, upstream: minor, images: ['local'], configure: ['--with-pydebug', "CFLAGS=-O0 '$(x)'"], tests: ['-x', 'a b'] };
  expect(ForkView.parse(await scenario.json('PUT', `/api/projects/${fork.id}/fork`, settings))).toMatchObject({
    ...settings,
    packages: [],
    published: [],
  });
  const packages = [await packageProject('steady', STEADY), await packageProject('touchy', TOUCHY)];
  for (const { id } of packages) await scenario.json('POST', `/api/projects/${fork.id}/fork/packages`, { projectId: id });
  expect(await report()).toMatchObject({ name, upstream: minor, revision: null, packages: [] });

  const good = await scenario.ended((await scenario.start(fork.id)).id);
  expect(good.jobs.map((job) => [job.name, job.state, job.reason])).toEqual([
    ['build · local', 'passed', null],
    ['test · local', 'passed', null],
  ]);
  const [build, own] = good.jobs.map(({ id }) => id);
  expect(ownOutput(await scenario.log(build ?? 0)).toString()).toContain("option --with-pydebug\noption CFLAGS=-O0 '$(x)'\n");
  expect(ownOutput(await scenario.log(own ?? 0)).toString()).toContain("arguments ['-j2', '-x', 'a b']");
  const first = await compared();
  expect(first.packages.map(({ projectName, outcome }) => [projectName, outcome])).toEqual([
    ['steady', 'same'],
    ['touchy', 'same'],
  ]);

  // One changed behaviour.
  const changed = await repository.commit({ 'Lib/acme_answer.py': GOOD.replace('42', '41') });
  expect((await scenario.ended((await scenario.start(fork.id)).id)).state).toBe('passed');
  const second = await compared(changed);
  expect(second).toMatchObject({
    revision: changed,
    packages: [
      { projectName: 'steady', outcome: 'same', pairs: [{ outcome: 'same', upstream: { state: 'passed' }, fork: { state: 'passed' } }] },
      {
        projectName: 'touchy',
        outcome: 'regressed',
        pairs: [{ upstream: { state: 'passed', tests: 2 }, fork: { state: 'failed', tests: 2, failed: 1 } }],
      },
    ],
  });
  expect(second.packages[1]?.pairs[0]?.tests).toMatchObject([{ name: expect.stringContaining('test_answer'), outcome: 'regressed' }]);
  expect(second.revisions.map(({ revision }) => revision)).toEqual([changed, first.revision]);
  // What was said of the first is as it was.
  expect((await report(first.revision ?? '')).packages.map(({ outcome }) => outcome)).toEqual(['same', 'same']);
  await usedByJobs(name, changed);
});

/** Jobs ask for it by name, branch or revision. */
async function usedByJobs(name: string, revision: string): Promise<void> {
  const jobs = [name, `${name}@main`, `${name}@${revision}`].map((python) => ({
    name: python,
    python,
    test: 'python -c "import acme_answer, sys; print(acme_answer.answer(), sys.prefix != sys.base_prefix)"; python -m pip --version || true',
  }));
  const ended = await scenario.ended((await scenario.build('users', JSON.stringify({ checkout: false, jobs }))).id);
  expect(ended.jobs).toHaveLength(3);
  for (const job of ended.jobs) {
    expect([job.name, job.state, job.reason]).toEqual([job.name, 'passed', null]);
    expect(ownOutput(await scenario.log(job.id)).toString()).toContain('41 True');
  }
  const missing = await scenario.ended(
    (await scenario.build('missing', JSON.stringify({ checkout: false, python: `${name}@nowhere`, test: 'true' }))).id,
  );
  expect(missing.jobs[0]).toMatchObject({ state: 'errored', reason: expect.stringContaining(`no machine here has Python ${name}@nowhere`) });
}

/** The report, once both packages were tried. */
async function compared(revision?: string): Promise<ForkReport> {
  return await until('both packages to be tried', async () => {
    const now = await report(revision);
    return now.packages.length === 2 && now.packages.every(({ outcome }) => outcome !== 'open') ? now : null;
  });
}

describe('a Python that is no fork', () => {
  const settings = { upstream: null, images: ['local'], tests: null };

  test.skipIf(!existsSync(PYTHON))('is built from the archive of a release, and used by whoever asks for it', async () => {
    const archive = join(scenario.server.folder, 'Python-3.99.0.tgz');
    await run('tar', ['-C', repository.folder, '--exclude=.git', '--transform=s,^[.],Python-3.99.0,', '-czf', archive, '.']);
    const sum = createHash('sha256')
      .update(await readFile(archive))
      .digest('hex');
    const project = await scenario.addProject(`${archive}#sha256=${sum}`, 'python-3.99');
    const set = { ...settings, name: '3.99', tests: ['-x'] };
    await scenario.json('PUT', `/api/projects/${project.id}/fork`, set);
    expect((await scenario.request('POST', `/api/projects/${project.id}/fork/packages`, { projectId: fork.id })).status).toBe(400);
    const built = await scenario.ended((await scenario.start(project.id)).id);
    expect(built.jobs.map((job) => [job.name, job.state, job.reason])).toEqual([
      ['build · local', 'passed', null],
      ['test · local', 'passed', null],
    ]);
    const view = ForkView.parse(await scenario.json('GET', `/api/projects/${project.id}/fork`));
    expect(view).toMatchObject({ ...set, definition: null, published: [{ revision: sum, branches: ['Python-3.99.0'], image: 'local' }] });
    await usedAs('3.99');
  });

  test.skipIf(!existsSync(PYTHON))('is built by a definition of python-build', async () => {
    const definitions = await scenario.repository('pyenv', { 'plugins/python-build/bin/python-build': PYTHON_BUILD, ...FILES });
    await chmod(join(definitions.folder, 'plugins/python-build/bin/python-build'), 0o755);
    await definitions.commit({});
    const project = await scenario.addProject(definitions.folder, 'python-3.98');
    const set = { ...settings, name: '3.98', definition: '3.98.1', configure: ['--with-pydebug', '--x=$(y)'] };
    await scenario.json('PUT', `/api/projects/${project.id}/fork`, set);
    const built = await scenario.ended((await scenario.start(project.id)).id);
    const log = ownOutput(await scenario.log(built.jobs[0]?.id ?? 0)).toString();
    expect([built.state, built.jobs.length], log).toEqual(['passed', 1]);
    expect(log).toContain('python-build: 3.98.1\n--disable-shared\n--with-pydebug\n--x=$(y)\n');
    await usedAs('3.98');
  });

  test.skipIf(!existsSync(PYTHON))('is not published where it runs only from the folder it was built in', async () => {
    const stuck = {
      ...FILES,
      'install.py': INSTALL.replace('target = os.path.join(prefix, "lib", version)', 'target = os.path.join(os.environ["HOME"], "elsewhere")'),
    };
    const sources = await scenario.repository('stuck', stuck);
    await chmod(join(sources.folder, 'configure'), 0o755);
    await sources.commit({});
    const project = await scenario.addProject(sources.folder, 'stuck');
    await scenario.json('PUT', `/api/projects/${project.id}/fork`, { ...settings, name: '3.97' });
    const built = await scenario.ended((await scenario.start(project.id)).id);
    expect(built.state).toBe('failed');
    expect(ownOutput(await scenario.log(built.jobs[0]?.id ?? 0)).toString()).toContain('does not run from another folder');
    expect(ForkView.parse(await scenario.json('GET', `/api/projects/${project.id}/fork`)).published).toEqual([]);
  });

  async function usedAs(name: string): Promise<void> {
    const test = 'python -c "import acme_answer, os, sys; print(acme_answer.answer(), os.path.realpath(sys.base_prefix))"';
    const ended = await scenario.ended((await scenario.build(`uses-${name}`, JSON.stringify({ checkout: false, python: name, test }))).id);
    expect(ended.state).toBe('passed');
    expect(ownOutput(await scenario.log(ended.jobs[0]?.id ?? 0)).toString()).toMatch(/^4[12] (?!\/usr)/m);
  }
});

test('what a fork is not, is refused', async () => {
  const put = async (body: object): Promise<number> => (await scenario.request('PUT', `/api/projects/${fork.id}/fork`, body)).status;
  expect(await put({ name: 'Acme', upstream: '3.8', images: ['local'] })).toBe(400);
  expect(await put({ name: 'acme-3.8', upstream: '3.8', images: [] })).toBe(400);
  expect(await put({ name: 'acme-3.8', upstream: '3.8', images: ['local'], configure: ['a\nb'] })).toBe(400);
  expect((await scenario.request('POST', `/api/projects/${fork.id}/fork/packages`, { projectId: fork.id })).status).toBe(400);
  expect((await scenario.request('POST', `/api/projects/${fork.id}/fork/packages`, { projectId: 9999 })).status).toBe(404);
  expect((await scenario.request('GET', `/api/projects/${fork.id}/fork/report?revision=none`)).status).toBe(404);
});

test('who maintains a package takes it off a fork of which he knows nothing, and nobody else’s', async () => {
  await scenario.json('PUT', `/api/projects/${fork.id}/fork`, { name: 'acme-3.8', upstream: '3.8', images: ['local'], tests: null });
  const [own, others] = await Promise.all(
    ['his', 'others'].map(
      async (name) => await scenario.addProject((await scenario.repository(name, { '.terrarium.yml': 'test: "true"' })).folder, name),
    ),
  );
  const add = (id = 0) => scenario.json('POST', `/api/projects/${fork.id}/fork/packages`, { projectId: id });
  await add(own?.id);
  await add(others?.id);
  const person = await newcomer(scenario, 'mary', null);
  await giveRole(scenario, own?.id ?? 0, 'mary', 'maintainer');
  const remove = (id = 0) => person.status('DELETE', `/api/projects/${fork.id}/fork/packages/${id}`);
  expect([await remove(others?.id), await remove(own?.id), await remove(own?.id)]).toEqual([404, 204, 404]);
  const { packages } = ForkView.parse(await scenario.json('GET', `/api/projects/${fork.id}/fork`));
  expect(packages.map(({ projectId }) => projectId)).not.toContain(own?.id);
  expect(packages.map(({ projectId }) => projectId)).toContain(others?.id);
});
