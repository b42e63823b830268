import { once } from 'node:events';
import { type Socket, connect, createServer } from 'node:net';
import { expect, test } from 'vitest';
import { GuestAgent } from '#plugins/kit/vm/guest-agent';
import { Qmp } from './qmp.ts';

/** Two ends of a real connection: ours, and the one that a QEMU or a guest would have. */
async function pair(): Promise<{ ours: Socket; theirs: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no address');
  const ours = connect({ host: '127.0.0.1', port: address.port });
  const [[theirs]] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, once(ours, 'connect')]);
  server.close();
  // A cut is what some of the tests are about.
  theirs.on('error', () => undefined);
  return { ours, theirs };
}

/** Answers each line that is heard. */
async function answering(heard: Socket, answer: (line: string) => void): Promise<void> {
  let text = '';
  for await (const chunk of heard) {
    text += String(chunk);
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n')) {
      answer(text.slice(0, end));
      text = text.slice(end + 1);
    }
  }
}

const SEED = {
  random: new Uint8Array(64),
  time: 1000,
  name: 'm',
  hostKey: { privateKey: new Uint8Array(32), publicKey: new Uint8Array(32) },
  userKey: 'ssh-ed25519 AAAA',
  hosts: '',
};
const never = new AbortController().signal;

test('a monitor is greeted, asked and heard', async () => {
  const { ours, theirs } = await pair();
  const asked: unknown[] = [];
  void answering(theirs, (line) => {
    asked.push(JSON.parse(line));
    theirs.write(line.includes('bad') ? '{"error": {"class": "GenericError", "desc": "no such thing"}}\n' : '{"return": {"status": "running"}}\n');
  });
  theirs.write('{"QMP": {"version": {}}}\n');
  const qmp = await Qmp.open(ours);
  const resumed = qmp.until((event) => event === 'RESUME');
  theirs.write('{"event": "STOP", "data": {}}\n{"event": "RESUME", "timestamp": {}}\n');
  await resumed;
  expect(await qmp.execute('query-status')).toEqual({ status: 'running' });
  await expect(qmp.execute('bad')).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('no such thing') });
  expect(asked).toEqual([
    { execute: 'qmp_capabilities', arguments: {} },
    { execute: 'query-status', arguments: {} },
    { execute: 'bad', arguments: {} },
  ]);
});

test.each([
  ['ends', (theirs: Socket) => void theirs.end()],
  ['says what is no message', (theirs: Socket) => void theirs.write('hello\n')],
  ['says a line without an end', (theirs: Socket) => void theirs.write('x'.repeat(1_000_001))],
])('a monitor that %s is unavailable to everybody who waits', async (_title, misbehave) => {
  const { ours, theirs } = await pair();
  void heard(theirs, /qmp_capabilities/).then(() => theirs.write('{"return": {}}\n'));
  theirs.write('{"QMP": {}}\n');
  const qmp = await Qmp.open(ours);
  const waiting = expect(qmp.until(() => true)).rejects.toMatchObject({ code: 'unavailable' });
  const asking = expect(qmp.execute('stop')).rejects.toMatchObject({ code: 'unavailable' });
  misbehave(theirs);
  await Promise.all([waiting, asking]);
  await expect(qmp.execute('cont')).rejects.toMatchObject({ code: 'unavailable' });
});

test('a guest is waited for, and seeded', async () => {
  const { ours, theirs } = await pair();
  const agent = new GuestAgent(ours);
  const ready = agent.ready(never);
  theirs.write('noise\nrea');
  theirs.write('dy\n');
  await ready;
  const seeded = agent.seed(SEED, never);
  await heard(theirs, /^go$/m);
  theirs.write('ok\n');
  await seeded;
});

test('a guest that refuses, ends or is waited for no longer is told so', async () => {
  const refusing = await pair();
  const refused = new GuestAgent(refusing.ours).seed(SEED, never);
  refusing.theirs.write('error hostkey: no\n');
  await expect(refused).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('hostkey: no') });
  const ending = await pair();
  const waiting = new GuestAgent(ending.ours).ready(never);
  ending.theirs.end();
  await expect(waiting).rejects.toMatchObject({ code: 'unavailable' });
  const abort = new AbortController();
  const aborted = new GuestAgent((await pair()).ours).ready(abort.signal);
  abort.abort(new Error('enough'));
  await expect(aborted).rejects.toThrow('enough');
});

/** Resolves when what was heard matches. */
function heard(socket: Socket, wanted: RegExp): Promise<void> {
  return new Promise((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += String(chunk);
      if (wanted.test(text)) resolve();
    });
  });
}
