import { describe, expect, it } from 'vitest';
import { planOf, provider } from './test-support.ts';

const SESSION = '@nox.session\ndef tests(session): pass\n';

/** The one job of a noxfile that only nox can read. */
const ASKED = { 'nox --list': '3' };

function raise(): never {
  throw new Error('there is no job');
}

/** Names of jobs with the Python each asks for. */
function pythons(text: string, pyproject = ''): Record<string, string | null> {
  return Object.fromEntries(planOf(text, {}, pyproject).jobs.map(({ name, requirements }) => [name, requirements.interpreter]));
}

function said(text: string): string {
  return planOf(text)
    .messages.map(({ level, line, text: what }) => `${level} ${line}: ${what}`)
    .join('\n');
}

function requirements(text: string): string | undefined {
  return planOf(text).jobs[0]?.variables.find(({ name }) => name === 'TERRARIUM_TOOL_REQUIREMENTS')?.value;
}

describe('the Pythons of sessions', () => {
  it('are those they name', () => {
    const text = `import nox
ALL = ["3.9", "python3.10", "pypy3", "pypy", "3.13t", "3.8-32"]
@nox.session(python=ALL)
def tests(session): pass
@nox.session(python=False)
def lint(session): pass
`;
    expect(Object.values(pythons(text))).toEqual(['3.9', '3.10', 'pypy3', 'pypy3', '3.13t', '3.8-32', '3']);
    expect(pythons(text.replace('"3.9"', '"2.7"'))).toMatchObject({ 'tests-2.7': '2.7', 'tests-pypy': 'pypy' });
  });

  it('are those of the classifiers, where the noxfile asks for them', () => {
    const text = `import nox
PROJECT = nox.project.load_toml("pyproject.toml")
PYTHONS = nox.project.python_versions(PROJECT)
@nox.session(python=PYTHONS)
def tests(session): pass
@nox.session(python=PYTHONS[-1])
def lint(session): pass
`;
    const classifiers = ['3', '3.12', '3.13'].map((version) => `"Programming Language :: Python :: ${version}"`).join(', ');
    expect(pythons(text, `[project]\nclassifiers = [${classifiers}]\n`)).toEqual({ 'tests-3.12': '3.12', 'tests-3.13': '3.13', lint: '3.13' });
    expect(pythons(text)).toEqual(ASKED);
    expect(pythons(text.replace('PROJECT)', 'PROJECT, max_version="3.14")'))).toEqual(ASKED);
  });

  it('are asked of nox where they are computed; the line is told', () => {
    const text = `import nox\n@nox.session(\n    python=[v for v in VERSIONS],\n    name="all",\n)\ndef t(session): pass\n${SESSION}`;
    expect(pythons(text)).toEqual(ASKED);
    expect(said(text)).toMatch(/^info 6: .*session all .*its Pythons are computed\. It is asked in a machine/);
  });

  it('let a job be skipped where they are missing', () => {
    const jobs = planOf(`import nox\n@nox.session(python="3.9")\ndef a(session): pass\n${SESSION}`).jobs;
    expect(jobs.map(({ name, ifAvailable }) => [name, ifAvailable])).toEqual([
      ['a', true],
      ['tests', undefined],
    ]);
  });
});

describe('what only nox can tell', () => {
  it.each([
    ['for name in "ab":\n    @nox.session(name=name)\n    def one(session): pass\n', 3],
    ['tests = nox.session(print)\n', 2],
    ['task = nox.session\n@task\ndef other(session): pass\n', 2],
    ['if True:\n    nox.options.sessions = ["a"]\n', 3],
    ['nox.options.sessions.append("a")\n', 2],
    ['@nox.session(name="a" + str(1))\ndef one(session): pass\n', 3],
    ['globals()["x"] = 1\n', 2],
    ['nox.session = print\n', 2],
  ])('%j is asked of it', (text, line) => {
    const whole = `import nox\n${text}${SESSION}`;
    expect(pythons(whole)).toEqual(ASKED);
    expect(said(whole)).toMatch(new RegExp(`^info ${line}: Which sessions there are, only nox can tell`));
  });

  it.each([
    'nox.options.reuse_venv = "yes"\n',
    'if True:\n    nox.options.error_on_missing_interpreters = True\n',
    'def helper(session):\n    sessions = []\n    sessions.append(session)\n',
    'class Other:\n    session = 1\n',
  ])('%j is nothing of the kind', (text) => {
    expect(pythons(`import nox\n${text}${SESSION}`)).toEqual({ tests: '3' });
  });

  it('is also what other options choose', () => {
    expect(pythons(`import nox\nnox.options.keywords = "a"\n${SESSION}`)).toEqual(ASKED);
  });

  it('is a constant that is changed under a condition', () => {
    const text = `import nox\nVERSIONS = ["3.9"]\nif True:\n    VERSIONS.append("3.10")\n@nox.session(python=VERSIONS)\ndef tests(session): pass\n`;
    expect(pythons(text)).toEqual(ASKED);
  });
});

describe('what nox has answered', () => {
  const text = `import nox\nnox.needs_version = ">=2024.4"\nnox.options.keywords = "a"\n${SESSION}`;
  const { jobs: asking, stages } = planOf(text);
  const answered = (answer: unknown) => provider().planned(typeof answer === 'string' ? answer : JSON.stringify(answer), asking[0] ?? raise());

  it('is asked for by one job, in a stage of its own', () => {
    expect(stages).toEqual(['ask nox', 'test']);
    expect(asking).toMatchObject([{ stage: 'ask nox', plans: { file: 'noxfile.py', answer: 'home/nox-sessions', stage: 'test' } }]);
    expect(asking[0]?.ifAvailable).toBeUndefined();
  });

  it('becomes a job a session, with the Python it names and what is needed to read the noxfile', () => {
    const { jobs, messages } = answered([
      { session: "tests-3.9(django='4')", name: 'tests', python: '3.9', description: null, tags: [] },
      { session: 'tests-pypy3.10', name: 'tests', python: 'pypy3.10' },
      { session: 'lint', name: 'lint', python: null },
      { session: 'docs', name: 'docs', python: false },
    ]);
    expect(messages).toEqual([]);
    expect(jobs.map(({ name, stage, requirements: { interpreter }, cell }) => [name, stage, interpreter, cell.row])).toEqual([
      ["tests-3.9(django='4')", 'test', '3.9', "tests django='4'"],
      ['tests-pypy3.10', 'test', 'pypy3.10', 'tests'],
      ['lint', 'test', '3', 'lint'],
      ['docs', 'test', '3', 'docs'],
    ]);
    expect(jobs[0]?.variables).toContainEqual({ name: 'TERRARIUM_TOOL_REQUIREMENTS', value: 'nox>=2024.4', expand: false });
    expect(jobs[0]?.plans).toBeUndefined();
  });

  it('may be the lines of an older one', () => {
    const lines =
      "* Run the tests.\n\nSessions defined in /work/noxfile.py:\n\n* tests-3.8(django='1') -> Runs the tests.\n* lint\n* step-2\n- docs-3.9\n\nsessions marked with * are selected\n";
    expect(answered(lines).jobs.map(({ name, requirements: { interpreter } }) => [name, interpreter])).toEqual([
      ["tests-3.8(django='1')", '3.8'],
      ['lint', '3'],
      ['step-2', '3'],
    ]);
  });

  it('may come after what the noxfile itself prints', () => {
    const { jobs } = answered(`hello\n* world\n${JSON.stringify([{ session: 'lint', name: 'lint', python: null }])}\n`);
    expect(jobs.map(({ name }) => name)).toEqual(['lint']);
  });

  it.each([
    ['', /cannot be read/],
    ['[', /cannot be read/],
    ['{"session": "a"}', /cannot be read/],
    [[{ session: 'a' }], /cannot be read/],
    [[{ session: 'a', name: 'a', python: 3 }], /cannot be read/],
    [[{ session: 'x'.repeat(501), name: 'a', python: null }], /cannot be read/],
    [[{ session: 'a\u001b[2J', name: 'a', python: null }], /control characters/],
    [[], /no session by default/],
    ['Sessions defined in /x:\n\n- docs-3.9\n', /no session by default/],
    ['* tests\n', /cannot be read/],
    [`Sessions defined in /x:\n\n* ${'x'.repeat(501)}\n`, /cannot be read/],
    [[{ session: 'a', name: 'x\u0000', python: null }], /control characters/],
    [[{ session: 'a', name: 'a', python: true }], /cannot be read/],
    [Array.from({ length: 2001 }, (_, index) => ({ session: `a${index}`, name: 'a', python: null })), /2001 sessions/],
  ])('is not believed: %#', (answer, problem) => {
    expect(answered(answer)).toMatchObject({ jobs: [], messages: [{ level: 'error', text: expect.stringMatching(problem) }] });
  });
});

describe('a noxfile', () => {
  it.each(['.a', '+[1]', '[0]', ' or a', '(', ' ', '\\\n', '"', '1', '_1', ', *a'])('with %j again and again is read', (part) => {
    for (const begin of ['a = a', 'a = [1]', '@nox.session(python=a', 'nox.options.sessions = ("a"']) {
      expect(planOf(`import nox\n${begin}${part.repeat(100_000)}\n${SESSION}`)).toBeDefined();
    }
  });

  it('without anything of nox says nothing', () => {
    expect(planOf('import os\nprint(1)\n')).toMatchObject({ isSilent: true, jobs: [] });
  });

  it('that names a session that is not there is wrong', () => {
    expect(said(`import nox\nnox.options.sessions = ["lint"]\n${SESSION}`)).toMatch(/^error 1: .*lint, but there is no such session/);
  });

  it('says what must be installed to read it', () => {
    expect(requirements(`import nox\nnox.needs_version = ">=2024.4"\n${SESSION}`)).toBe('nox>=2024.4');
    expect(requirements('from nox_poetry import session\n@session(python="3.7")\ndef tests(session): pass\n')).toBe(
      'nox\nnox-poetry\nvirtualenv<20.27',
    );
    expect(said(`import nox\nimport os, yaml\n${SESSION}`)).toMatch(/imports yaml:/);
  });

  it('that makes too many jobs is refused', () => {
    const text = 'import nox\n@nox.session(python=["3.9", "3.10"])\ndef tests(session): pass\n';
    expect(planOf(text, { maximumJobs: 1 })).toMatchObject({ jobs: [], messages: [{ level: 'error' }] });
  });

  it('puts nothing of it into a command', () => {
    const { jobs } = planOf('import nox\n@nox.session(name="a$(touch b)")\ndef tests(session): pass\n');
    expect(jobs[0]?.variables[0]?.value).toBe('a$(touch b)');
    expect(jobs[0]?.program.phases.flatMap(({ commands }) => commands.map(({ run }) => run)).join('')).not.toContain('touch');
  });
});
