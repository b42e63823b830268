import { expect, test, vi } from 'vitest';
import { filled, listed } from '#plugins/kit/testing/hostile-text';
import { planOf } from './test-support.ts';

vi.setConfig({ testTimeout: 120_000 });

const LARGEST = 500_000;
const TOO_MUCH = [expect.stringContaining('too much to be worked out')];

function errorsOf(text: string): string[] {
  const { jobs, messages } = planOf(text);
  expect(jobs).toEqual([]);
  return messages.filter(({ level }) => level === 'error').map((message) => message.text);
}

test('sessions and their parameters are counted before they are made', () => {
  const pythons = listed(100, (index) => `"3.${index}"`);
  const session = (index: number): string =>
    `@nox.session(python=${pythons})\n@nox.parametrize("a", ${listed(50)})\ndef s${index}(session, a): pass\n`;
  expect(errorsOf(filled(LARGEST, 'import nox\n', session))).toEqual(TOO_MUCH);
  const shared = (index: number): string => `@nox.session\n@nox.parametrize("a", p)\ndef s${index}(s, a): pass\n`;
  expect(errorsOf(filled(LARGEST, `import nox\np = ${listed(4000)}\n`, shared))).toEqual(TOO_MUCH);
});

test('lists are not put together without end, nor names compared with all sessions', () => {
  expect(errorsOf(filled(LARGEST, `import nox\n@nox.session\ndef a(s): pass\np = ${listed(5000)}\n`, () => 'q = p + p\n'))).toEqual(TOO_MUCH);
  const sessions = filled(LARGEST / 2, 'import nox\n', (index) => `@nox.session\ndef s${index}(s): pass\n`);
  expect(errorsOf(filled(LARGEST, `${sessions}nox.options.sessions = [`, (index) => `"s${index}", `, ']\n'))).toEqual(TOO_MUCH);
});

test('values within values, time and again, are not followed to their end', () => {
  const levels = Array.from({ length: 40 }, (_, level) => `a${level + 1} = [a${level}, a${level}]\n`).join('');
  const session = '@nox.session(default=a40, tags=[a40])\n@nox.parametrize("a", [a40])\ndef t(s, a): pass\n';
  expect(planOf(`import nox\na0 = ["x"]\n${levels}${session}`).jobs.map(({ name }) => name)).toEqual(['nox --list']);
  const deep = filled(
    LARGEST,
    'import nox\na = ["x"]\n',
    () => 'a = [a]\n',
    '@nox.session(default=a)\n@nox.parametrize("a", [a])\ndef t(s, a): pass\n',
  );
  expect(planOf(deep).jobs.map(({ name }) => name)).toEqual(['nox --list']);
});

test('lists that are spread, subscripted or shared count each time', () => {
  const list = `import nox\np = ${listed(5000)}\n`;
  expect(errorsOf(filled(LARGEST, `${list}q = [`, () => '*p,', ']\n'))).toEqual(TOO_MUCH);
  expect(errorsOf(filled(LARGEST, `${list}q = p`, () => '+[]', '\n'))).toEqual(TOO_MUCH);
  const texts = listed(5000, (index) => `"t${index}"`);
  expect(errorsOf(filled(LARGEST, `import nox\np = ${texts}\n`, (index) => `@nox.session(tags=p)\ndef s${index}(s): pass\n`))).toEqual(TOO_MUCH);
});

test('a name with very many dots is read once', () => {
  expect(planOf(`import nox\n${'x.'.repeat(60_000)}x: int = 1\n@nox.session\ndef a(s): pass\n`).jobs.map(({ name }) => name)).toEqual(['a']);
});
