import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type TestSshd, sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { parseAnswer, probeMachine } from './ssh-interpreters.ts';
import { SshConnection, parseHostKey } from './ssh.ts';

describe('what an interpreter says', () => {
  test.each([
    [
      'CPython\t3.11.7\t\t64\t/usr/bin/python3',
      { name: '3.11', implementation: 'cpython', version: '3.11.7', abi: 'cp311', path: '/usr/bin/python3' },
    ],
    [
      'CPython\t3.13.1\tt\t64\t/opt/a b/python',
      { name: '3.13t', implementation: 'cpython', version: '3.13.1', abi: 'cp313t', path: '/opt/a b/python' },
    ],
    ['CPython\t3.15.0a2\td\t64\t/p', { name: '3.15', implementation: 'cpython', version: '3.15.0a2', abi: 'cp315d', path: '/p' }],
    ['CPython\t2.7.18\tmu\t64\t/p', { name: '2.7', implementation: 'cpython', version: '2.7.18', abi: 'cp27mu', path: '/p' }],
    ['Jython\t2.7.2\tmu\t64\t/p', { name: 'jython2.7', implementation: 'jython', version: '2.7.2', path: '/p' }],
    ['PyPy\t3.9.16\t\t64\t/usr/bin/pypy3', { name: 'pypy3.9', implementation: 'pypy', version: '3.9.16', path: '/usr/bin/pypy3' }],
    ['CPython\t3.11.2\t\t32\t/p', { name: '3.11-32', implementation: 'cpython', version: '3.11.2', abi: 'cp311', path: '/p' }],
    ['PyPy\t3.9.16\t\t32\t/p', { name: 'pypy3.9-32', implementation: 'pypy', version: '3.9.16', path: '/p' }],
  ])('%j', (line, interpreter) => {
    expect(parseAnswer(line, 'x86_64')).toEqual(interpreter);
  });

  test('nobody says of a 32-bit machine that it has 32 bits', () => {
    expect(parseAnswer('CPython\t3.11.2\t\t32\t/p', 'i686')?.name).toBe('3.11');
  });

  test.each([
    '',
    'hello',
    'CPython\t3.11.7\t\t64\tpython3',
    'CPython\t3\t\t64\t/p',
    'CPython\t3.11.7\t/p',
    'CPython\t3.11.7\t\t/p',
    'C Python\t3.11.7\t\t64\t/p',
  ])('%j is no answer', (line) => {
    expect(parseAnswer(line, 'x86_64')).toBeNull();
  });
});

const missing = sshdMissing();

describe.skipIf(missing !== null)(`probing a machine${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const never = new AbortController().signal;
  let sshd: TestSshd;
  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.close());

  test('finds each interpreter once, with the version that it has itself', async () => {
    const authentication = { kind: 'key', privateKey: sshd.privateKey, passphrase: null } as const;
    const way = { host: sshd.host, port: sshd.port, user: sshd.user, hostKeys: [parseHostKey(sshd.fingerprint)], authentication };
    const connection = await SshConnection.open(way, never);
    const facts = await probeMachine(connection, never);
    await connection.close();
    expect(facts).toMatchObject({ system: 'linux', architecture: execFileSync('uname', ['-m'], { encoding: 'utf8' }).trim() });
    const names = facts.interpreters.map((one) => one.name);
    expect(new Set(names).size).toBe(names.length);
    for (const { path, version } of facts.interpreters) {
      const question = 'import sys; sys.stdout.write("%d.%d.%d" % sys.version_info[:3])';
      expect(version).toContain(execFileSync(path, ['-c', question], { encoding: 'utf8' }));
    }
    expect(facts.interpreters.length).toBeGreaterThan(0);
  });
});
