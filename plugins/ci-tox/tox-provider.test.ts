import { describe, expect, it } from 'vitest';
import { planOf } from './test-support.ts';

/** Names of jobs with the Python each asks for. */
function pythons(files: Readonly<Record<string, string>>): Record<string, string | null> {
  return Object.fromEntries(planOf(files).jobs.map(({ name, requirements }) => [name, requirements.interpreter]));
}

function said(files: Readonly<Record<string, string>>): string {
  return planOf(files)
    .messages.map(({ level, line, text }) => `${level} ${line}: ${text}`)
    .join('\n');
}

const tox = (text: string): Record<string, string> => ({ 'tox.ini': text });

describe('a text that repeats itself', () => {
  it.each([' ', '{', '}', '{a}', '{a,b}', '-', '1', '1-2,', '#', '\\#', ':', 'a:', '=', '[', '{[a]b}', '{env:', '\n', '\n a'])(
    '%j is read',
    (part) => {
      for (const begin of [
        '[tox]\nenvlist = a',
        '[testenv]\nbasepython = a',
        '[tox]\na',
        '[testenv:a',
        '[testenv]\npassenv = a',
        '[tox]\nrequires = tox<',
      ]) {
        expect(planOf(tox(`${begin}${part.repeat(100_000)}b\n`))).toBeDefined();
        expect(planOf({ 'pyproject.toml': `[tool.tox]\nx = ${part.repeat(100_000)}` })).toBeDefined();
      }
    },
  );
});

describe('the Pythons of environments', () => {
  it('are those of their names', () => {
    const list = 'py, py27, py3, py310, py3.9, pypy, pypy3, pypy39, jython, 3.12, 3.13t, pypy-3.10, py36-django111, lint';
    expect(pythons(tox(`[tox]\nenvlist = ${list}\n`))).toEqual({
      py: '3',
      py27: '2.7',
      py3: '3',
      py310: '3.10',
      'py3.9': '3.9',
      pypy: 'pypy',
      pypy3: 'pypy3',
      pypy39: 'pypy3.9',
      jython: 'jython2.7',
      '3.12': '3.12',
      '3.13t': '3.13t',
      'pypy-3.10': 'pypy3.10',
      'py36-django111': '3.6',
      lint: '3',
    });
  });

  it('are PyPy for Python 3 where nothing is for Python 2', () => {
    expect(pythons(tox('[tox]\nenvlist = py36, pypy\n'))).toEqual({ py36: '3.6', pypy: 'pypy3' });
  });

  it('are what base_python says, of the section, what it is based on, and for the factors', () => {
    const text = `
[tox]
envlist = lint, docs, a, b, py27-c, d, 3.5
[testenv]
basepython =
    !py27-!a: python3.8
[testenv:lint]
basepython = {[shared]python}
[testenv:{a,b}]
base_python = /usr/bin/python3.7
[testenv:docs]
base = testenv:a
[testenv:d]
basepython = python3.13, python3.12
[shared]
python = python3.6
[testenv:3.5]
basepython = python{envname}
`;
    expect(pythons(tox(text))).toEqual({ lint: '3.6', docs: '3.7', a: '3.7', b: '3.7', 'py27-c': '2.7', d: '3.13', '3.5': '3.5' });
    expect(said(tox(text))).toContain('3.12, which would do as well');
  });

  it('that contradict their name are told, or ignored if the project says so', () => {
    const text = '[testenv]\nbasepython = python3\n[tox]\nenvlist = py27, py310-py311\n';
    expect(said(tox(text))).toMatch(/py27 says 2\.7, its base_python python3.*\n.*several Pythons/);
    expect(pythons(tox(`${text}ignore_basepython_conflict = True\n`))).toEqual({ py27: '2.7', 'py310-py311': '3' });
  });
});

describe('a tox that is old enough', () => {
  const requirements = (files: Record<string, string>): string | undefined =>
    planOf(files).jobs[0]?.variables.find(({ name }) => name === 'TERRARIUM_TOOL_REQUIREMENTS')?.value;

  it.each(['passenv = A B', 'passenv =\n  A\n  py39: B_* C', 'whitelist_externals = make'])('is taken for %j', (text) => {
    const old = tox(`[tox]\nenvlist = py39\n[testenv]\n${text}\n`);
    expect(requirements(old)).toBe('tox<4');
    expect(said(old)).toMatch(/^info 4: .*tox 4 refuses/);
    expect(planOf(old).jobs[0]?.ifAvailable).toBe(true);
  });

  it.each(['passenv = A, B', 'passenv =\n  A\n  B # and C', 'whitelist_externals = make\nallowlist_externals = make'])(
    'is not needed for %j',
    (text) => {
      expect(requirements(tox(`[tox]\nenvlist = py39\n[testenv]\n${text}\n`))).toBe('tox');
    },
  );
});

describe('a file with a version', () => {
  const text = '[tox]\nenvlist = docs, py38\n[testenv]\nbase_python_file = .python-version-default, .python-version\n';

  it('says the Python of an environment that has no other', () => {
    expect(pythons({ ...tox(text), '.python-version': '# ours\n3.13\n' })).toEqual({ docs: '3.13', py38: '3.8' });
  });

  it('that is not there is told', () => {
    expect(pythons(tox(text))).toEqual({ docs: '3', py38: '3.8' });
    expect(said(tox(text))).toContain('.python-version-default or .python-version, which is not there');
  });
});

describe('which file counts', () => {
  const files = {
    'tox.ini': '[tox]\nenvlist = a\n',
    'setup.cfg': '[metadata]\n[tox:tox]\nenvlist = b\n[testenv]\n',
    'pyproject.toml': '[tool.tox]\nlegacy_tox_ini = """\n[tox]\nenvlist = c\n"""\n',
    'tox.toml': 'env_list = ["d"]\n',
  };

  it('is the first in the order of tox', () => {
    const order = Object.keys(files);
    const names = order.map((_, index) => planOf(Object.fromEntries(Object.entries(files).slice(index))).jobs.map(({ name }) => name));
    expect(names).toEqual([['a'], ['b'], ['c'], ['d']]);
    expect(said({ 'tox.ini': '[flake8]\n', 'pyproject.toml': files['pyproject.toml'] })).toBe(
      'info null: pyproject.toml is what says how tox runs; tox.ini says nothing of it, or tox looks there later.',
    );
  });

  it('is none that has nothing for tox', () => {
    const none = { 'tox.ini': '[flake8]\nmax-line-length = 100\n', 'setup.cfg': '[metadata]\nbroken\n', 'pyproject.toml': '[project]\nname = "x"\n' };
    expect(planOf(none)).toMatchObject({ isSilent: true, jobs: [], messages: [] });
    expect(planOf({ ...none, 'tox.toml': 'env_list = ["d"]' }).jobs).toHaveLength(1);
    expect(planOf({ 'pyproject.toml': '[tool.other\n' })).toMatchObject({ isSilent: true });
  });

  it('is told where something is wrong in it, with the line', () => {
    expect(said({ 'pyproject.toml': '# first\n[tool.tox]\nlegacy_tox_ini = """\n[tox]\nenvlist = a b\n"""\n' })).toMatch(/^error 5: .*no name/);
    expect(said({ 'pyproject.toml': '[tool.tox]\nenv_list = ["a"\n' })).toMatch(/^error [23]: This is no valid TOML/);
    expect(said(tox('[tox]\nenvlist = a\n[tox]\n'))).toBe('error 3: The section [tox] is here twice. Put what both say into one.');
    expect(said(tox('[tox]\nenvlist = a\nEnvList = b\n'))).toMatch(/^error 3: envlist is set twice/);
    expect(said({ 'setup.cfg': '[tox:tox]\nenvlist = a\nnothing\n' })).toMatch(/^error 3: This is neither/);
  });
});

describe('a list in TOML', () => {
  const toml = (list: string, more = ''): Record<string, string> => ({ 'tox.toml': `env_list = ${list}\n${more}` });

  it('has names, products, ranges and groups with a label', () => {
    const list =
      '["3.12", "py{1,2}", { product = [{ prefix = "py3", start = 9, stop = 10 }, ["a", "b"]], exclude = ["py39-b"] }, { prefix = "x", start = 1, stop = 2 }, { os = ["l"] }]';
    expect(planOf(toml(list)).jobs.map(({ name }) => name)).toEqual(['3.12', 'py{1,2}', 'py39-a', 'py310-a', 'py310-b', 'x1', 'x2', 'l']);
  });

  it('with an open range goes as far as is told', () => {
    const open = toml('[{ product = [{ prefix = "py3", start = 13 }] }]');
    expect(planOf(open).jobs.map(({ name }) => name)).toEqual(['py313', 'py314']);
    expect(said(open)).toMatch(/^info 1: How far an open range goes/);
    expect(said(tox('[tox]\nenvlist = py3{13-}\n'))).toMatch(/^info 2: How far an open range goes/);
  });

  it('may refer to what is elsewhere, and ask for variables', () => {
    const more = 'more = ["b", "c"]\n[env_run_base]\nbase_python = ["3.9"]\n[env.c]\nbase_python = "3.10"\n';
    expect(pythons(toml('["a", { replace = "ref", of = ["more"], extend = true }, { replace = "env", name = "X", default = "d" }]', more))).toEqual({
      a: '3.9',
      b: '3.9',
      c: '3.10',
      d: '3.9',
    });
    const computed = planOf(toml('[{ replace = "if", condition = "env.X", then = "a" }]'));
    expect(computed.jobs.map(({ name }) => name)).toEqual(['tox']);
    expect(computed.messages).toMatchObject([{ level: 'warning', line: 1 }]);
  });

  it('is refused where tox refuses it', () => {
    for (const list of ['"a"', '[1]', '[{ product = 1 }]', '[{ product = [[1]] }]', '[{ prefix = "a" }]', '[{ prefix = "a", start = "1" }]']) {
      expect(said(toml(list))).toMatch(/^error 1: /);
    }
  });
});

describe('the jobs', () => {
  it('find a tox that can read the file and make the environment', () => {
    const requirements = (files: Record<string, string>): string | undefined =>
      planOf(files).jobs[0]?.variables.find(({ name }) => name === 'TERRARIUM_TOOL_REQUIREMENTS')?.value;
    expect(requirements(tox('[tox]\nenvlist = py39\n'))).toBe('tox');
    expect(requirements(tox('[tox]\nenvlist = py27\nminversion = 3.2\nrequires =\n  tox-venv\n  --pre\n'))).toBe(
      'tox>=3.2\ntox-venv\nvirtualenv<20.22',
    );
    expect(requirements(tox('[tox]\nenvlist = py27\nrequires = virtualenv<20.10\n'))).toBe('tox\nvirtualenv<20.10');
    expect(requirements({ 'tox.toml': 'env_list = ["py39"]\nmin_version = "4.22"\nrequires = ["tox-uv>=1"]\n' })).toBe('tox>=4.22,>=4.21\ntox-uv>=1');
  });

  it('are skipped where their Python is missing, as the generation of tox has it, or the project', () => {
    const skipped = (text: string): boolean => planOf(tox(text)).jobs.every(({ ifAvailable }) => ifAvailable === true);
    expect(skipped('[tox]\nenvlist = py39\n')).toBe(true);
    expect(skipped('[tox]\nenvlist = py39\nskip_missing_interpreters = false\n')).toBe(false);
    expect(skipped('[tox]\nenvlist = py39\nrequires = tox<4\n')).toBe(false);
    expect(skipped('[tox]\nenvlist = py39\nrequires = tox<4\nskip_missing_interpreters = True\n')).toBe(true);
  });

  it('that make something of what others leave come after them, and decide nothing', () => {
    const text = '[tox]\nenvlist = clean, py39, report\n[testenv]\ndepends = clean\n[testenv:clean]\ndepends =\n[testenv:report]\ndepends = py3*\n';
    const { jobs, stages } = planOf(tox(text));
    expect(stages).toEqual(['test', 'after']);
    expect(jobs.map(({ name, stage, allowFailure }) => [name, stage, allowFailure])).toEqual([
      ['clean', 'test', false],
      ['py39', 'test', false],
      ['report', 'after', true],
    ]);
  });

  it('for other systems are left out, which is told', () => {
    const text = '[tox]\nenvlist = py39-{linux,macos,windows}\n[testenv]\nplatform =\n  linux: linux\n  macos: darwin\n  windows: win32\n';
    expect(pythons(tox(text))).toEqual({ 'py39-linux': '3.9' });
    expect(said(tox(text))).toMatch(/py39-macos is only for darwin[^]*py39-windows is only for win32/);
  });

  it('are one where only the machine knows the list', () => {
    const text = '[tox]\nenvlist = {toxinidir}-x\n';
    expect(pythons(tox(text))).toEqual({ tox: '3' });
    expect(said(tox(text))).toMatch(/^warning 2: .*\{toxinidir\}/);
  });

  it('take variables for not set, and say so', () => {
    const text = '[tox]\nenvlist = {env:WHICH:py38,py39}, {env:CI:no}\n';
    expect(Object.keys(pythons(tox(text)))).toEqual(['py38', 'py39', 'true']);
    expect(said(tox(text))).toBe('info 2: The list of environments asks for WHICH, taken as not set.');
  });

  it('are the default of the generation where there is no list', () => {
    expect(pythons(tox('[testenv:a]\n[testenv:py27]\n'))).toEqual({ py: '3' });
    expect(pythons(tox('[tox]\nrequires = tox<4\n[testenv:a]\n[testenv:py27]\n'))).toEqual({ a: '3', py27: '2.7' });
  });

  it('are refused if there are too many', () => {
    expect(planOf(tox('[tox]\nenvlist = py3{1-50}\n'), { maximumJobs: 49 })).toMatchObject({ jobs: [], messages: [{ level: 'error', line: 2 }] });
  });

  it('hold no data in their commands', () => {
    const { jobs } = planOf(tox('[tox]\nenvlist = py39\nrequires = x$(touch y)\n'));
    expect(jobs[0]?.program.phases.flatMap(({ commands }) => commands.map(({ run }) => run)).join('\n')).not.toMatch(/py39|touch/);
  });
});
