import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Typist } from '#plugins/api/testing';
import { type TestSshd, sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { SshConnection, SshSession, parseHostKey } from './ssh.ts';

const missing = sshdMissing();
const TERMINAL = { type: 'vt100', columns: 120, rows: 30 };

describe.skipIf(missing !== null)(`a shell over ssh${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  const never = new AbortController().signal;
  let sshd: TestSshd;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'terrarium-ssh-'));
  });
  afterEach(async () => {
    await sshd.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function openSession(settings: readonly string[] = []): Promise<SshSession> {
    sshd = await startSshd(settings);
    const authentication = { kind: 'key', privateKey: sshd.privateKey, passphrase: null } as const;
    const target = { host: sshd.host, port: sshd.port, user: sshd.user, hostKeys: [parseHostKey(sshd.fingerprint)], authentication };
    return SshSession.open(await SshConnection.open(target, never), { folder, marker: `test-${folder}` }, never);
  }

  test('carries the marker of its machine, so that what is started in it is found', async () => {
    const session = await openSession();
    const typist = new Typist(await session.shell(TERMINAL, never));
    await typist.type('sh -c \'echo "<$TERRARIUM_MACHINE>"\'\n');
    await typist.sees(new RegExp(`<test-${folder}>`));
    await session.dispose();
  });

  test('a cut connection ends it as cut off', async () => {
    const session = await openSession();
    const typist = new Typist(await session.shell(TERMINAL, never));
    await typist.type('echo he""re\n');
    await typist.sees(/here/);
    sshd.cut();
    await typist.done;
    expect(await typist.shell.ended).toBe(255);
    await expect(session.shell(TERMINAL, never)).rejects.toMatchObject({ code: 'unavailable' });
    await session.dispose();
  });

  test('a machine that gives no terminals is `unsupported`, and one whose folder is gone `unavailable`', async () => {
    const session = await openSession(['PermitTTY no']);
    await expect(session.shell(TERMINAL, never)).rejects.toMatchObject({ code: 'unsupported', message: expect.stringContaining('PermitTTY') });
    rmSync(folder, { recursive: true });
    await expect(session.shell(TERMINAL, never)).rejects.toMatchObject({ code: 'unavailable' });
    await session.dispose();
  });

  test.each([
    ['', 80, 24],
    ['-x', 80, 24],
    ['x y', 80, 24],
    ['xterm', 0, 24],
    ['xterm', 80, 1.5],
    ['xterm', 80, 65_536],
  ])('a terminal %j of %d by %d is `invalid`', async (type, columns, rows) => {
    const session = await openSession();
    await expect(session.shell({ type, columns, rows }, never)).rejects.toMatchObject({ code: 'invalid' });
    await session.dispose();
  });
});
