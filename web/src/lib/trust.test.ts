import { expect, test } from 'vitest';
import { commandIn } from '../../../server/src/triggers/comment-command.ts';
import { approvingMeans, asSentence, COMMENT_COMMANDS, readGroups, trustWords } from './trust.ts';

const settings = { pollSeconds: 60, cancelSuperseded: false, shellWithSecrets: false, statuses: 'build' } as const;
const trust = { untrusted: 'hold', writers: true, groups: [], merged: false, comments: true } as const;

test.each([
  [
    'vm',
    ['PYPI_TOKEN', 'SIGNING_KEY'],
    'Its jobs then run with the project’s secrets (PYPI_TOKEN and SIGNING_KEY), in virtual machines of their own.',
  ],
  ['sandbox', ['PYPI_TOKEN'], 'Its jobs then run with the project’s secrets (PYPI_TOKEN), in sandboxes or virtual machines.'],
  ['none', [], 'Its jobs then run with the project’s secrets (it has none now), on any machine there is, perhaps as a user of the host.'],
] as const)('approving where %s is demanded, with the secrets %j, is said as what it is', (isolation, secretNames, sentence) => {
  const words = approvingMeans({ secretNames: [...secretNames], settings: { ...settings, trust: { ...trust, groups: [] }, isolation } });
  const more = isolation === 'vm' ? '' : ' Unless this installation is set otherwise, strangers’ changes get a virtual machine, approved or not.';
  expect(words).toBe(`${sentence}${more}`);
});

const approval = { decision: 'approved', commit: 'a'.repeat(40), by: 'maya', via: 'button', at: '2026-01-02T03:04:05.000Z' } as const;

test.each([
  [{ level: 'trusted', reason: 'ada may write' }, null, null],
  [
    { level: 'untrusted', reason: 'ada is not trusted here' },
    null,
    'Not trusted: its jobs run without secrets and licences, because ada is not trusted here.',
  ],
  [{ level: 'untrusted', reason: null }, null, 'Not trusted: its jobs run without secrets and licences.'],
  [{ level: 'held', reason: 'it asked; the host answers 403.' }, null, 'Never approved: it asked; the host answers 403.'],
  [{ level: 'approved', reason: 'approved by maya' }, null, 'Approved by maya.'],
  [{ level: 'approved', reason: 'approved by maya' }, approval, 'Approved by maya'],
  [{ level: 'refused', reason: 'refused by maya' }, { ...approval, via: 'comment' }, 'Refused by maya, by a comment to the pull request'],
] as const)('%j with the decision %j: %s', (level, decision, words) => {
  expect(trustWords({ ...level, contributor: 'ada' }, decision)).toBe(words);
});

test('a sentence has a capital letter and one full stop', () => {
  expect(['a b', 'A b.', 'really?', ''].map(asSentence)).toEqual(['A b.', 'A b.', 'Really?', '.']);
});

test('groups are typed one a line', () => {
  expect(readGroups(' pypa \n\n pypa-friends/maintainers\n')).toEqual(['pypa', 'pypa-friends/maintainers']);
  expect(readGroups('  \n')).toEqual([]);
});

test('what is offered to be written in a comment is what the server obeys', () => {
  expect(COMMENT_COMMANDS.map(({ text }) => commandIn(text)?.kind)).toEqual(['approve', 'trust', 'retry', 'stop']);
});
