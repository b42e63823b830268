import { expect, test } from 'vitest';
import { runCli } from '../run-cli.ts';
import { accountTable } from './show.ts';

async function terrarium(...args: string[]): Promise<{ code: number; err: string }> {
  let err = '';
  const io = { out: async () => undefined, err: async (text: string) => void (err += text), colors: false, width: null, cwd: '/', env: {} };
  return { code: await runCli(['account', ...args], io), err };
}

test.each([
  [[], 'Say what to do with accounts: list, add, role, password, disable, enable.'],
  [['remove', 'anna'], 'not "remove"'],
  [['add'], 'Say which account: "terrarium account add NAME".'],
  [['add', 'anna', 'bert'], 'One account at a time.'],
  [['list', 'anna'], 'takes no name'],
  [['role', 'anna'], 'Say which role: viewer, developer, maintainer, admin, none.'],
  [['role', 'anna', 'king'], 'not "king"'],
  [['list', '--server', 'ci.example.org'], 'is no address of a server'],
])('%j makes no sense, and says why', async (args, sentence) => {
  const { code, err } = await terrarium(...args);
  expect(err).toContain(sentence);
  expect(code).toBe(2);
});

test('whoever does not say who he is is told how', async () => {
  expect(await terrarium('list')).toEqual({ code: 1, err: expect.stringContaining('by an API token of an admin') });
});

test('the table says what each may and how he signs in', () => {
  const base = {
    displayName: '',
    mayShell: false,
    hasPassword: false,
    disabled: false,
    isFounder: false,
    identities: [],
    createdAt: '2026-01-01T00:00:00Z',
  };
  const table = accountTable([
    { ...base, id: 1, name: 'admin', role: 'admin', mayShell: true, hasPassword: true, isFounder: true, seenAt: '2026-11-28T10:00:00Z' },
    { ...base, id: 2, name: 'anna', role: null, identities: [{ provider: 'github', login: 'anna-a' }], seenAt: null },
    { ...base, id: 3, name: 'eve', role: 'viewer', disabled: true, seenAt: null },
  ]);
  expect(table).toBe(
    [
      'NAME   ROLE               SHELLS  SIGNS IN BY    LAST SEEN',
      'admin  admin              yes     password       2026-11-28',
      'anna   none                       github:anna-a  never',
      'eve    viewer (disabled)          nothing yet    never',
      '',
    ].join('\n'),
  );
});
