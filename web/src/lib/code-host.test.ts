import { expect, test } from 'vitest';
import { channelWords, hookOutcome, OCCASIONS, occasionWords, outboxKey, prettyPayload } from './code-host.ts';

const mail = { id: 3, notifier: 'mail', target: 'ada@example.org', occasion: 'change', createdAt: '2026-01-02T03:04:05.000Z' } as const;

test('who is told is said in words', () => {
  expect(channelWords({ channel: 'status' }, [mail])).toBe('Status at the code host');
  expect(channelWords({ channel: 'notice:3' }, [mail])).toBe('Notice to ada@example.org (mail)');
  expect(channelWords({ channel: 'notice:33' }, [mail])).toBe('Notice to somebody who is told no longer');
});

test('a status is of a commit, pushed or of a pull request; a notice is of its build only', () => {
  const commit = '4f1c2a9d80b35e6617c0aa42d91be07735f2c88e';
  expect(outboxKey({ channel: 'status', key: `${commit} push` })).toBe('commit 4f1c2a9d, as it was pushed');
  expect(outboxKey({ channel: 'status', key: `${commit} pull-request` })).toBe('commit 4f1c2a9d, of a pull request');
  expect(outboxKey({ channel: 'notice:3', key: '14' })).toBe('');
});

test('what came of a hook is said in words; what is not known here as it is', () => {
  expect(hookOutcome({ outcome: 'created' })).toMatch(/^The hook is set up/);
  expect(hookOutcome({ outcome: 'unheard of' })).toBe('unheard of');
});

test('an occasion is called as it is offered', () => {
  expect(OCCASIONS.map(({ value }) => occasionWords(value))).toEqual(['when it changes', 'when it fails', 'always']);
});

test('a payload of JSON has its lines broken; any other is as it was sent', () => {
  expect(prettyPayload('{"a":[1]}')).toBe('{\n  "a": [\n    1\n  ]\n}');
  expect(prettyPayload('payload=%7B%7D')).toBe('payload=%7B%7D');
});
