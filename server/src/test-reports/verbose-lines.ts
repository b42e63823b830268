import { RULE } from './pytest-lines.ts';
import type { CaseBook, TestOutcome } from './test-case.ts';

const PYTEST: Readonly<Record<string, TestOutcome>> = {
  PASSED: 'passed',
  FAILED: 'failed',
  ERROR: 'errored',
  SKIPPED: 'skipped',
  XFAIL: 'passed',
  XPASS: 'passed',
};
const UNITTEST: readonly (readonly [RegExp, TestOutcome])[] = [
  [/^(?:ok|expected failure)$/, 'passed'],
  [/^(?:FAIL|unexpected success)$/, 'failed'],
  [/^ERROR$/, 'errored'],
  [/^skipped\b/, 'skipped'],
];
/** `tests/test_a.py::TestB::test_c[x] PASSED [ 50%]`, the name up to one of these words. */
const CASE = /^([^\s:][^:]*\.py)::(.+)$/;
const WORD = / (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)(?= |$)/g;
/** `[gw0] [ 50%] PASSED tests/test_a.py::test_b`, of pytest-xdist. */
const DISTRIBUTED = /^\[gw\d+\] \[ *\d+%\] (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS) ([^\s:][^:]*\.py)::(.+?) *$/;
/** `test_c (tests.test_a.TestB) ... ok`, of newer Pythons with the method once more in brackets. */
const METHOD = /^(\w+) \(([\w.]+)\) \.\.\. (.+)$/;

/** Reads how each test came out where its runner was told to be verbose: `pytest -v`, `unittest -v`. Of other output there is no telling. */
export class VerboseLines {
  private isPytest = false;

  constructor(private readonly cases: CaseBook) {}

  line(text: string): void {
    const title = RULE.exec(text)?.[1];
    if (title !== undefined) this.isPytest = title === 'test session starts';
    else if (this.isPytest) this.ofPytest(text);
    else this.ofUnittest(text);
  }

  private ofPytest(text: string): void {
    const [, word, path, rest] = DISTRIBUTED.exec(text) ?? [];
    if (word !== undefined && path !== undefined && rest !== undefined) this.add(path, rest, word);
    else this.ofLine(text);
  }

  private ofLine(text: string): void {
    const [, path, rest] = CASE.exec(text) ?? [];
    if (path === undefined || rest === undefined) return;
    // A parameter, in brackets, may hold anything; what is skipped says why behind the word.
    const word = [...rest.matchAll(WORD)].find(({ index }) => !rest.slice(0, index).includes('[') || rest[index - 1] === ']');
    if (word?.[1] !== undefined && word.index > 0) this.add(path, rest.slice(0, word.index), word[1]);
  }

  /** The name as report files have it. */
  private add(path: string, name: string, word: string): void {
    const bracket = name.indexOf('[');
    const plain = (bracket === -1 ? name : name.slice(0, bracket)).replaceAll('::', '.');
    const outcome = PYTEST[word];
    if (outcome !== undefined) this.cases.add(`${moduleOf(path)}.${plain}${bracket === -1 ? '' : name.slice(bracket)}`.slice(0, 500), outcome, null);
  }

  private ofUnittest(text: string): void {
    const [, method, place, told] = METHOD.exec(text) ?? [];
    if (method === undefined || place === undefined || told === undefined) return;
    const outcome = UNITTEST.find(([pattern]) => pattern.test(told))?.[1];
    const name = place.endsWith(`.${method}`) ? place : `${place}.${method}`;
    if (outcome !== undefined) this.cases.add(name.slice(0, 500), outcome, null);
  }
}

/** `tests.test_a` of `tests/test_a.py`: what report files and histories call a file. */
export function moduleOf(path: string): string {
  return path
    .replace(/\.py$/, '')
    .replaceAll(/[/\\]+/g, '.')
    .replace(/^\.+/, '');
}
