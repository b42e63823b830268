import { existsSync, readdirSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { JobFolder, scriptPhase, which } from './fixtures/run-job.ts';

/** The interpreters of this machine by name, as a job asks for them. */
function interpreters(): { name: string; path: string }[] {
  const folder = join(userInfo().homedir, '.pyenv/versions');
  const versions = existsSync(folder) ? readdirSync(folder) : [];
  const found = versions.flatMap((version) => {
    const name = /^\d+\.\d+/.exec(version)?.[0] ?? '';
    const path = join(folder, version, 'bin', `python${name}`);
    return existsSync(path) ? [{ name, path }] : [];
  });
  return existsSync('/usr/bin/python3.11') ? [...found, { name: '3.11', path: '/usr/bin/python3.11' }] : found;
}

let job: JobFolder;
beforeEach(() => {
  job = new JobFolder({ name: 'sh', path: which('sh') });
});
afterEach(() => job.remove());

describe('checkout', () => {
  it('runs in the empty work tree with its variables, and the job finds what it laid out', async () => {
    const script = 'test -z "$(ls -A)" && cp "$TERRARIUM_FOLDER/bundle" file && printf "%s\\n" "$TEXT" >text && (exit 0)';
    const checkout = { title: 'git checkout abc', script, variables: { TEXT: "a'b\n$HOME" } };
    job.upload({ checkout, phases: [] });
    const { writeFileSync } = await import('node:fs');
    writeFileSync(join(job.folder, 'bundle'), 'data');
    const outcome = await job.run({ checkout, phases: scriptPhase('cat file text; echo "${TEXT-unset}"') });
    expect(outcome).toMatchObject({ verdict: 'passed' });
    expect(outcome.output).toContain("dataa'b\n$HOME\nunset\n");
    expect(job.bundle?.steps).toEqual([
      { phase: 'checkout', title: 'git checkout abc' },
      { phase: 'script', title: 'cat file text; echo "${TEXT-unset}"' },
    ]);
  });

  it('that fails makes the job errored, and nothing runs', async () => {
    const outcome = await job.run({ checkout: { title: 'checkout', script: 'echo no; exit 3', variables: {} }, phases: scriptPhase('echo never') });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'setup' });
    expect(outcome.events.find((one) => one.type === 'done')).toMatchObject({ step: 0, exitCode: 3 });
    expect(outcome.output).not.toContain('never\n');
  });
});

describe('interpreter', () => {
  const here = interpreters();
  it.skipIf(here.length > 0)('cannot be tested here: no interpreter', () => undefined);
  for (const interpreter of here) {
    it(`${interpreter.name} (${interpreter.path}) is in front under all its names`, async () => {
      const name = `python${interpreter.name}`;
      const code = 'import sys; print("%d.%d" % sys.version_info[:2], sys.executable.rsplit("/", 1)[0])';
      const phases = scriptPhase(
        `for p in python python${interpreter.name.split('.')[0]} ${name}; do $p -c '${code}' || exit 9; done`,
        'echo "$VIRTUAL_ENV"',
      );
      const outcome = await job.run({ interpreter, phases });
      expect(outcome).toMatchObject({ verdict: 'passed' });
      const bin = `${job.folder}/python/bin`;
      const line = Number(interpreter.name.split('.')[0]) > 2 ? `${interpreter.name} ${bin}\n` : `('${interpreter.name}', '${bin}')\n`;
      expect(outcome.output.split(line)).toHaveLength(4);
      expect(outcome.output).toContain(`${job.folder}/python\n`);
    });

    it(`${interpreter.name} (${interpreter.path}) installs a project with a console script by pip, offline, outside the interpreter`, async () => {
      const setup =
        'from setuptools import setup\nsetup(name="sample", version="1", py_modules=["sample"], entry_points={"console_scripts": ["sample = sample:main"]})';
      const write = `cat >setup.py <<'END'\n${setup}\nEND\nprintf 'def main():\\n    print("it runs")\\n' >sample.py`;
      const outcome = await job.run({
        interpreter,
        phases: scriptPhase(write, `pip install ${BUILD_OPTIONS} . || pip --version`, 'cd / && sample && pip --version'),
      });
      const lacks = /has no pip|No module named .?(setuptools|wheel)|invalid command 'bdist_wheel'|BackendUnavailable/.test(outcome.output);
      if (lacks) expect(outcome.verdict).toBe('failed');
      else expect(outcome, outcome.output).toMatchObject({ verdict: 'passed' });
      if (!lacks) expect(outcome.output).toContain('it runs\n');
    });
  }

  for (const interpreter of here) {
    it(`${interpreter.name} (${interpreter.path}) finds what a project installs for development`, async () => {
      const setup = 'from setuptools import setup\nsetup(name="devel", version="1", py_modules=["devel"])';
      const write = `cat >setup.py <<'END'\n${setup}\nEND\necho 'print("found")' >devel.py`;
      const outcome = await job.run({ interpreter, phases: scriptPhase(write, 'python setup.py develop', 'cd / && python -c "import devel"') });
      if (/No module named .?setuptools/.test(outcome.output)) expect(outcome.verdict).toBe('failed');
      else expect(outcome, outcome.output).toMatchObject({ verdict: 'passed' });
    });
  }

  const three = here.filter((one) => one.name.startsWith('3'));
  for (const interpreter of three.slice(-2)) {
    it(`${interpreter.name} (${interpreter.path}) makes environments of its own`, async () => {
      const phases = scriptPhase('python -m venv --without-pip inner && inner/bin/python -c "import sys; print(sys.prefix)"');
      const outcome = await job.run({ interpreter, phases });
      expect(outcome, outcome.output).toMatchObject({ verdict: 'passed' });
      expect(outcome.output).toContain('/inner\n');
    });
  }

  it('that is not there makes the job errored, and says so', async () => {
    const outcome = await job.run({ interpreter: { name: '3.99', path: '/no/bin/python3.99' }, phases: scriptPhase('echo never') });
    expect(outcome).toMatchObject({ verdict: 'errored', reason: 'setup' });
    expect(outcome.output).toContain('/no/bin/python3.99');
  });
});

/** Nothing is fetched: the interpreter's own setuptools builds. */
const BUILD_OPTIONS = '--no-build-isolation --no-index --disable-pip-version-check';
