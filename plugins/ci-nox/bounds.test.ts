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
