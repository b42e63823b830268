import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ANY_PYTHON } from './jobs/jobs.ts';
import { namesPython2 } from './jobs/base-python.ts';
import { interpreterOf } from '#plugins/kit/python-name';
import { planOf } from './test-support.ts';

/** Another Python than the system's, to compare with another tox: a program's path. */
const PYTHON = process.env['TERRARIUM_TOX_PYTHON'] ?? '/usr/bin/python3';
const SCRIPT = readFileSync(new URL('fixtures/ask_tox.py', import.meta.url), 'utf8');
const SEED = Number(process.env['TERRARIUM_TOX_SEED'] ?? 20);
const TEXTS = 300;

type Files = Readonly<Record<string, string>>;
type Answer = { readonly envs: readonly string[]; readonly pythons: Readonly<Record<string, readonly string[]>> } | { readonly error: string };
interface Answers {
  readonly version: string;
  readonly own: string;
  readonly answers: readonly Answer[];
}

/** The third generation takes a base_python without a line for an environment for an empty one, and several lines for one. */
const CONDITIONAL = ['python', 'pypy3\n  py27: python2.7', 'py36: python3.6', 'lint,docs: python3.8', '{py27,py36}: python3', '!py27-!a: python3.7'];

const version = askVersion();
const isThird = version.startsWith('3.');
/** Ranges of numbers came after 4.25, and what is done with a base_python that has no line for an environment changed. */
const isRecent = !isThird && Number(version.split('.')[1]) >= 50;
/** The third generation takes any one of several factors. */
const SEVERAL = /(?:^|-)(?:pypy|jython|py(?=\d))\d*-(?:.*-)?(?:pypy|jython|py(?=\d))\d*(?:-|$)/;

describe.skipIf(version === '')(`tox ${version}`, () => {
  const texts = fc.sample(toxIni(), { seed: SEED, numRuns: TEXTS });
  const { answers, own } = version === '' ? { answers: [], own: '' } : ask(texts.map((text) => ({ 'tox.ini': text })));

  it('was asked for all of them, and most are right', () => {
    expect(answers).toHaveLength(TEXTS);
    expect(answers.filter((answer) => 'envs' in answer).length).toBeGreaterThan(TEXTS / 2);
  });

  it('finds the same environments, each with the same Python', () => {
    const pairs = texts.map((text, index) => ({ text, ours: seen({ 'tox.ini': text }), theirs: expected(answers[index], own) }));
    const differing = pairs.filter(({ ours, theirs }) => ours.join() !== theirs.join());
    const differences = differing.map(({ text, ours, theirs }) => {
      const length = Math.max(ours.length, theirs.length);
      const lines = Array.from({ length }, (_, index) => `ours ${ours[index]}, theirs ${theirs[index]}`).filter(
        (_, index) => ours[index] !== theirs[index],
      );
      return { text, lines: lines.slice(0, 5) };
    });
    expect(differences).toEqual([]);
  });
});

/** What is compared: the jobs with their interpreters, or that there are none. */
function seen(files: Files): string[] {
  const { jobs, messages } = planOf(files);
  if (messages.some(({ level }) => level === 'error')) return [];
  const refused = new Set(messages.filter(({ text }) => /refuse/.test(text)).map(({ path }) => path.replace('testenv:', '')));
  return jobs.map(({ name, requirements }) => compared(name, refused.has(name) ? 'refused' : requirements.interpreter));
}

function compared(name: string, interpreter: string | null): string {
  const isCompared = isThird ? !SEVERAL.test(name) : isRecent;
  return isCompared ? `${name}: ${interpreter}` : name;
}

function expected(answer: Answer | undefined, own: string): string[] {
  if (answer === undefined || 'error' in answer) return [];
  const hasPython2 = namesPython2(answer.envs);
  return answer.envs.map((name) => {
    const [python = ''] = answer.pythons[name] ?? [];
    if (python === 'error') return compared(name, 'refused');
    return compared(name, python === own ? ANY_PYTHON : (interpreterOf(python, hasPython2) ?? ANY_PYTHON));
  });
}

function askVersion(): string {
  const { status, stdout } = spawnSync(PYTHON, ['-c', 'import tox; print(tox.__version__)'], { encoding: 'utf8' });
  return status === 0 ? stdout.trim() : '';
}

function ask(files: readonly Files[]): Answers {
  const { stdout, stderr } = spawnSync(PYTHON, ['-c', SCRIPT], { input: JSON.stringify(files), encoding: 'utf8', maxBuffer: 64_000_000 });
  if (stdout === '') throw new Error(stderr);
  const answers: Answers = JSON.parse(stdout);
  return answers;
}

/** Texts of tox.ini such as people write: names with groups, lines, comments, substitutions, sections for some of the environments. */
function toxIni(): fc.Arbitrary<string> {
  const word = fc.constantFrom(
    'py27',
    'py36',
    'py310',
    'py3',
    'py',
    'pypy',
    'pypy3',
    'pypy36',
    'lint',
    'docs',
    'a',
    'django111',
    'jython',
    '3.12',
    'py3.9',
    'x_y',
    'v1.2',
  );
  const range = fc.constantFrom('py3{8-10}', 'py{36,39-311}', 'py3{11-9,7}', 'py3{6,8-9}-{a,b}');
  const choice = fc
    .array(fc.constantFrom('27', '36', '310', 'py27', 'pypy', 'a', 'b', '', ' 39 '), { minLength: 1, maxLength: 3 })
    .map((parts) => `{${parts.join(',')}}`);
  const factor = fc.oneof(
    word,
    choice,
    choice.map((group) => `py${group}`),
  );
  const name = fc.array(factor, { minLength: 1, maxLength: 3 }).map((factors) => factors.join('-'));
  const part = isRecent ? fc.oneof({ weight: 5, arbitrary: name }, { weight: 1, arbitrary: range }) : name;
  const special = isThird
    ? fc.constant('docs')
    : fc.constantFrom(
        '{env:NO_SUCH_THING:py39,py38}',
        '{[more]names}',
        '{[more]names}-z',
        '{env:NO_SUCH_THING:}',
        ...(isRecent ? ['{[no]such:py35}'] : []),
      );
  const element = fc.oneof({ weight: 8, arbitrary: part }, { weight: 1, arbitrary: special });
  const separator = fc.constantFrom(',', ', ', '\n  ', ',\n    ', '\n\n  ', ' # a note\n  ', '\n  # py99\n  ', ' ,');
  const list = fc
    .array(fc.tuple(element, separator), { minLength: 1, maxLength: 5 })
    .map((parts) => parts.map(([one, after]) => one + after).join(''));
  const key = isThird ? fc.constant('envlist') : fc.constantFrom('envlist', 'env_list', 'EnvList');
  const head = fc.tuple(key, list, fc.boolean()).map(([label, value, below]) => `${label} =${below ? '\n  ' : ' '}${value}`);
  const python = fc.constantFrom('python3.9', 'python2.7', 'python3', '{[more]python}', ...(isThird ? [] : CONDITIONAL));
  const section = fc.tuple(fc.constantFrom('testenv', 'testenv:lint', 'testenv:docs', 'testenv:py{27,36}-a', 'testenv:a'), python);
  const sections = fc.uniqueArray(section, { selector: ([title]) => title, maxLength: 3 });
  const ignore = fc.constantFrom('', 'ignore_basepython_conflict = true\n', 'skipsdist = True\n');
  const generation = isThird ? 'requires = tox<4\n' : '';
  return fc
    .tuple(head, ignore, sections)
    .map(
      ([list, extra, more]) =>
        `[tox]\n${generation}${extra}${list}\n${more.map(([title, value]) => `[${title}]\nbasepython = ${value}\n`).join('')}[more]\nnames = py34, py35\npython = python3.4\n`,
    );
}
