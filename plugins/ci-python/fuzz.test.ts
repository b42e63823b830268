import { JobSpec, Message } from '#plugins/api';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PUSH } from '../api/testing/ci-contract.ts';
import { PythonProvider } from './python-provider.ts';

/** Every line that may stand in a command: fixed words, words of letters and the like, and texts in single quotes in which there is none. */
const WORD = String.raw`(?: (?:'[^'\n]*'|[\w.,/=:@%+-]+))*`;
const LINES = [
  `  pip install${WORD}`,
  `pip install${WORD}`,
  `if pip install --quiet --no-index${WORD} >/dev/null 2>&1; then`,
  'else',
  'fi',
  String.raw`python -c 'import [\w.]+' 2>/dev/null \|\| pip install '[\w.<=-]+'`,
  `(?:[A-Z_][A-Z0-9_]*=[\\w.,/:@%+=-]* )*(?:python|stestr|django-admin(?:[.]py)?)[\\d.]*${WORD}`,
  `zope-testrunner --test-path=src`,
  `(?:stestr|ward)${WORD}`,
].map((line) => new RegExp(`^${line}$`));

const HOSTILE = fc.oneof(
  fc.constantFrom(
    "a'; rm -rf / #",
    '$(id)',
    '`id`',
    'a\nid',
    'a && id',
    'a | id',
    '../x',
    '-e /',
    'constructor',
    '__proto__',
    'pytest>=3',
    'nose',
    'mock; python_version < "3"',
    'tests:suite',
    'x @ file:///etc/passwd',
    "a[b']c",
    'a;b',
    '{posargs}',
    'python runtests.py; id',
    './runtests.py $(id)',
    'pytest tests;id',
    'A=$(id) python runtests.py',
    'A=1 ./runtests.py',
    'A=a;id python test.py',
    "coverage run -m pytest '",
  ),
  fc.string({ unit: fc.constantFrom(...'ab.\'"`$(){}[];&|<>=!~ \n\t\\#-/:,*'.split('')), maxLength: 20 }),
);
const list = fc.array(HOSTILE, { maxLength: 3 });

/** A project of whose metadata every text is hostile. */
const PROJECT = fc.record({ needs: list, extra: HOSTILE, suite: HOSTILE, commands: list, python: HOSTILE, classifiers: list, requires: list });

function textsOf({
  needs,
  extra,
  suite,
  commands,
  python,
  classifiers,
  requires,
}: typeof PROJECT extends fc.Arbitrary<infer T> ? T : never): Map<string, string> {
  const json = JSON.stringify;
  const toml = `[build-system]\nrequires = ${json(requires)}\n[project]\nname = "a"\nrequires-python = ${json(python)}\nclassifiers = ${json(classifiers)}\n`;
  return new Map([
    ['pyproject.toml', `${toml}[project.optional-dependencies]\n${json(extra)} = ${json(needs)}\ntest = ${json(needs)}\n`],
    ['setup.py', `setup(tests_require=${json(needs)}, test_suite=${json(suite)}, extras_require={${json(extra)}: ${json(needs)}})`],
    ['setup.cfg', `[options]\ntest_suite = ${suite}\ntests_require =\n${needs.map((one) => `  ${one}`).join('\n')}\n`],
    [
      'tox.ini',
      `[testenv]\nextras = ${extra}\ndeps =\n${needs.map((one) => `  ${one}`).join('\n')}\ncommands =\n${commands.map((one) => `  ${one}`).join('\n')}\n`,
    ],
    ['Makefile', `test:\n${commands.map((one) => `\t${one}`).join('\n')}\n`],
    ['requirements-test.txt', needs.join('\n')],
  ]);
}

describe('metadata that somebody wrote to do harm', () => {
  it('makes jobs whose commands are made of known words and of texts in quotes', () => {
    const provider = new PythonProvider();
    const kept = fc.subarray(['pyproject.toml', 'setup.py', 'setup.cfg', 'tox.ini', 'Makefile', 'requirements-test.txt'], { minLength: 1 });
    fc.assert(
      fc.property(PROJECT, kept, (project, names) => {
        const texts = new Map([...textsOf(project)].filter(([name]) => names.includes(name)));
        const file = provider.files.find((name) => texts.has(name)) ?? 'setup.py';
        const { jobs, messages } = provider.parse({ file, text: texts.get(file) ?? '', texts, change: PUSH });
        for (const job of jobs) expect(JobSpec.parse(job)).toEqual(job);
        for (const message of messages) expect(Message.parse(message)).toEqual(message);
        const lines = jobs.flatMap(({ program }) => program.phases.flatMap(({ commands }) => commands.flatMap(({ run }) => run.split('\n'))));
        expect(lines.filter((line) => !LINES.some((known) => known.test(line)))).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
