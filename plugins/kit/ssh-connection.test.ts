import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Server, connect as connectSocket, createServer } from 'node:net';
import { Duplex } from 'node:stream';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { type TestSshd, sshdMissing, startSshd } from '../../test/support/sshd.ts';
import { shellSpares } from './ssh-spares.ts';
import { SshConnection, type SshTarget, fingerprintOf, parseHostKey } from './ssh.ts';

const missing = sshdMissing();
const never = new AbortController().signal;

describe.skipIf(missing !== null)(`an ssh connection${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  let sshd: TestSshd;
  const open: SshConnection[] = [];

  function target(changes: Partial<SshTarget> = {}): SshTarget {
    const authentication = { kind: 'key', privateKey: sshd.privateKey, passphrase: null } as const;
    return { host: sshd.host, port: sshd.port, user: sshd.user, hostKeys: [parseHostKey(sshd.knownHostsLine)], authentication, ...changes };
  }

  async function connect(changes: Partial<SshTarget> = {}): Promise<SshConnection> {
    const connection = await SshConnection.open(target(changes), never);
    open.push(connection);
    return connection;
  }

  beforeAll(async () => {
    sshd = await startSshd();
  });
  afterAll(() => sshd.close());
  afterEach(async () => {
    for (const connection of open.splice(0)) await connection.close();
  });

  test('takes a host pinned by fingerprint or by known_hosts line', async () => {
    for (const pin of [sshd.fingerprint, sshd.knownHostsLine]) {
      const connection = await connect({ hostKeys: [parseHostKey(sshd.otherFingerprint), parseHostKey(pin)] });
      expect(await connection.runScript('echo "$1"; echo no >&2; exit 3', ['hello'], never)).toEqual({
        exitCode: 3,
        output: 'hello\n',
        errors: 'no\n',
      });
    }
  });

  test('spares that had started when the starting was given up are used: they hold no channel for nothing', async () => {
    const connection = await connect({ maxChannels: 2 });
    const script = 'echo "$1"';
    const abort = new AbortController();
    const preparing = connection.prepare(shellSpares([script]), 3, abort.signal);
    abort.abort(new Error('enough'));
    await expect(preparing).rejects.toThrow('enough');
    // Each channel is a spare's: whatever takes none of them would wait for ever.
    for (const word of ['one', 'two', 'three']) expect((await connection.runScript(script, [word], never)).output).toBe(`${word}\n`);
  });

  test('spares are made up to the number asked for, and those of another kind give way', async () => {
    const connection = await connect({ maxChannels: 2 });
    const script = 'echo "$1"';
    const spares = shellSpares([script]);
    for (let time = 0; time < 3; time += 1) await connection.prepare(spares, 2, never);
    await connection.prepare(shellSpares([script]), 2, never);
    for (const word of ['one', 'two', 'three']) expect((await connection.runScript(script, [word], never)).output).toBe(`${word}\n`);
  });

  test('is lost when the other side ends it, though it waits for us to close it', async () => {
    const way = halfOpen(sshd);
    const connection = await connect({ reach: () => Promise.resolve(way) });
    const running = await connection.start('read x', [], never);
    running.pushOutput(() => undefined);
    way.push(null);
    await running.ended;
    expect(() => running.exitCode()).toThrow('was closed by the other side');
    await connection.close();
    const ended = halfOpen(sshd);
    ended.push(null);
    await expect(connect({ reach: () => Promise.resolve(ended) })).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('refuses another host key, naming both, and none at all', async () => {
    const wrong = connect({ hostKeys: [parseHostKey(sshd.otherFingerprint)] });
    await expect(wrong).rejects.toMatchObject({ code: 'unauthorized', message: expect.stringContaining(sshd.otherFingerprint) });
    await expect(wrong).rejects.toMatchObject({ message: expect.stringContaining(sshd.fingerprint) });
    await expect(connect({ hostKeys: [] })).rejects.toMatchObject({ code: 'invalid' });
  });

  test('says when it is refused, or the key cannot be read', async () => {
    await expect(connect({ authentication: { kind: 'password', password: 'x' } })).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(connect({ authentication: { kind: 'key', privateKey: 'x', passphrase: null } })).rejects.toMatchObject({ code: 'invalid' });
    await expect(connect({ user: 'nobody-of-that-name' })).rejects.toMatchObject({ code: 'unauthorized' });
  });

  test('takes a key with a passphrase, and keys of an agent', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'terrarium-agent-'));
    const [key, socket] = [join(folder, 'key'), join(folder, 'socket')];
    copyFileSync(sshd.privateKeyFile, key);
    chmodSync(key, 0o600);
    const agent = spawn('ssh-agent', ['-D', '-a', socket], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(agent.stdout, 'data');
    execFileSync('ssh-add', ['-q', key], { env: { PATH: '/usr/bin:/bin', SSH_AUTH_SOCK: socket }, stdio: 'pipe' });
    execFileSync('ssh-keygen', ['-q', '-p', '-N', 'open sesame', '-f', key]);
    const privateKey = readFileSync(key, 'utf8');
    await connect({ authentication: { kind: 'agent', socket } });
    await connect({ authentication: { kind: 'key', privateKey, passphrase: 'open sesame' } });
    await expect(connect({ authentication: { kind: 'key', privateKey, passphrase: 'wrong' } })).rejects.toMatchObject({ code: 'invalid' });
    agent.kill();
    await once(agent, 'exit');
    await expect(connect({ authentication: { kind: 'agent', socket } })).rejects.toMatchObject({
      code: 'unauthorized',
      message: expect.stringContaining('agent'),
    });
    rmSync(folder, { recursive: true });
  });

  test('a server that stopped is `unavailable`, and reached again when it is back', async () => {
    await sshd.stop();
    await expect(connect()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('ECONNREFUSED') });
    await sshd.start();
    expect((await (await connect()).runScript('echo back', [], never)).output).toBe('back\n');
  });

  test('one that never answers is given up, by time limit or abort, and no socket stays', async () => {
    const { server, port, closed } = await silentServer();
    await expect(connect({ port, connectTimeoutMs: 200 })).rejects.toMatchObject({ code: 'unavailable' });
    const abort = new AbortController();
    const attempt = SshConnection.open(target({ port }), abort.signal);
    server.once('connection', () => abort.abort(new Error('enough')));
    await expect(attempt).rejects.toThrow('enough');
    while (closed() < 2) await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => server.close(resolve));
  });

  test('a peer that falls silent ends what runs', async () => {
    const connection = await connect({ keepAlive: { intervalMs: 100, failures: 2 } });
    const running = await connection.start('echo up; exec cat', [], never);
    const chunks: string[] = [];
    for await (const chunk of running.output(never)) {
      chunks.push(chunk.toString());
      sshd.freeze();
    }
    expect(chunks).toEqual(['up\n']);
    expect(() => running.exitCode()).toThrow(expect.objectContaining({ code: 'unavailable' }));
    expect(connection.lost.aborted).toBe(true);
    sshd.cut();
  });

  test('a close answers everybody with `unavailable`, those who wait for a channel too', async () => {
    const connection = await connect({ maxChannels: 1 });
    const first = await connection.start('cat', [], never);
    const waiting = connection.start('true', [], never);
    const abort = new AbortController();
    const leaving = connection.start('true', [], abort.signal);
    abort.abort(new Error('enough'));
    await expect(leaving).rejects.toThrow('enough');
    const refused = expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
    await connection.close();
    await refused;
    first.close();
    expect(() => first.exitCode()).toThrow(expect.objectContaining({ code: 'unavailable' }));
    await expect(connection.runScript('true', [], never)).rejects.toMatchObject({ code: 'unavailable' });
  });

  test('a script that prints too much is `rejected`, and the connection lives on', async () => {
    const connection = await connect();
    await expect(connection.runScript('exec cat /dev/zero', [], never)).rejects.toMatchObject({ code: 'rejected' });
    expect((await connection.runScript('echo on', [], never)).output).toBe('on\n');
  });
});

describe('a pinned host key', () => {
  const blob = 'AAAAC3NzaC1lZDI1NTE5AAAAIE8PFVMMrGXE9ZzTZpu0VyNyuWN0b4Wl9YfSMGPI5F1r';

  test('is read from a fingerprint, a known_hosts line, a public key', () => {
    const expected = { fingerprint: fingerprintOf(Buffer.from(blob, 'base64')), type: 'ssh-ed25519' };
    for (const line of [`ssh-ed25519 ${blob} me@here`, `host,10.0.0.1 ssh-ed25519 ${blob}`, `|1|abc=|def= ssh-ed25519 ${blob}\n`]) {
      expect(parseHostKey(line)).toEqual(expected);
    }
    expect(parseHostKey(` ${expected.fingerprint}= `)).toEqual({ fingerprint: expected.fingerprint, type: null });
  });

  test.each(['', 'SHA256:short', `@revoked host ssh-ed25519 ${blob}`, `host ssh-rsa ${blob}`, 'host ssh-ed25519 AAAA', 'MD5:aa:bb'])(
    'refuses %j',
    (line) => {
      expect(() => parseHostKey(line)).toThrow(expect.objectContaining({ code: 'invalid' }));
    },
  );
});

/** Takes connections and says nothing. */
async function silentServer(): Promise<{ server: Server; port: number; closed: () => number }> {
  let closed = 0;
  const server = createServer((socket) => {
    socket.on('error', () => {});
    socket.resume();
    socket.on('close', () => (closed += 1));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  return { server, port: address.port, closed: () => closed };
}

/** A way to a server as another connection's channel is one: it may end without being closed. */
function halfOpen({ host, port }: TestSshd): Duplex {
  const socket = connectSocket({ host, port, noDelay: true });
  const way = new Duplex({
    allowHalfOpen: true,
    read: () => undefined,
    write: (chunk, _encoding, done) => void socket.write(chunk, () => done()),
    destroy: (error, done) => {
      socket.destroy();
      done(error);
    },
  });
  socket.on('data', (chunk) => {
    if (!way.readableEnded) way.push(chunk);
  });
  return way;
}
