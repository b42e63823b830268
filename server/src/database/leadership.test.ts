import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { recordingLogger } from '../../../test/support/logger.ts';
import { Leadership } from './leadership.ts';

/** Somebody who wants the right, and what he was told. */
interface Candidate {
  readonly leadership: Leadership;
  readonly told: string[];
  acquire(): Promise<void>;
}

let database: TestDatabase;
const open: Leadership[] = [];

beforeAll(async () => {
  database = await testDatabase();
});

afterEach(async () => {
  for (const leadership of open.splice(0)) await leadership.release();
});

afterAll(async () => {
  await database?.close();
});

function candidate(url = database.url, pulse?: { everyMs: number; patienceMs: number }): Candidate {
  const leadership = new Leadership({ url, logger: recordingLogger() }, pulse);
  open.push(leadership);
  const told: string[] = [];
  const hooks = { standBy: () => void told.push('stand by'), lost: () => void told.push('lost') };
  return { leadership, told, acquire: () => leadership.acquire(hooks) };
}

async function endLeader(): Promise<void> {
  await database.pool.query(
    `select pg_terminate_backend(pid) from pg_stat_activity where application_name like '% leads' and datname = current_database()`,
  );
}

test('one has the right, the other stands by until it is given away', async () => {
  const [first, second] = [candidate(), candidate()];
  await first.acquire();
  const waiting = second.acquire();
  await vi.waitFor(() => expect(second.told).toContain('stand by'), 10_000);
  expect([first.leadership.isHeld, second.leadership.isHeld]).toEqual([true, false]);
  await first.leadership.release();
  await waiting;
  expect(second.leadership.isHeld).toBe(true);
  expect(first.told).toEqual([]);
});

test('a leader whose connection is ended is told so once, and may ask again', async () => {
  const leader = candidate();
  await leader.acquire();
  await endLeader();
  await vi.waitFor(() => expect(leader.told).toEqual(['lost']), 10_000);
  expect(leader.leadership.isHeld).toBe(false);
  await leader.acquire();
  expect(leader.leadership.isHeld).toBe(true);
});

test('who is told to stop waiting waits no longer', async () => {
  const [first, second] = [candidate(), candidate()];
  await first.acquire();
  const waiting = second.acquire();
  second.leadership.stopWaiting();
  await expect(waiting).rejects.toThrow();
});

test('a link that dies without a word is noticed, though nothing was closed', async () => {
  const link = await silencedLink(database.url);
  const leader = candidate(link.url, { everyMs: 20, patienceMs: 200 });
  await leader.acquire();
  link.silence();
  await vi.waitFor(() => expect(leader.told).toEqual(['lost']), 10_000);
  await link.close();
});

/** A way to PostgreSQL that can be made to swallow everything while its connections stay open. */
async function silencedLink(databaseUrl: string): Promise<{ url: string; silence: () => void; close: () => Promise<void> }> {
  const { hostname, port, username, password, pathname } = new URL(databaseUrl);
  const host = decodeURIComponent(hostname);
  const target = host.startsWith('/') ? { path: `${host}/.s.PGSQL.${port || '5432'}` } : { host, port: Number(port || '5432') };
  const sockets: Socket[] = [];
  const server = createServer((near) => {
    const far = connect(target);
    sockets.push(near, far);
    // Whatever breaks one side ends the other.
    near.on('error', () => far.destroy()).on('close', () => far.destroy());
    far.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.pipe(far).pipe(near);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port: listening } = server.address() as AddressInfo;
  return {
    url: `postgresql://${username}:${password}@127.0.0.1:${listening}${pathname}`,
    silence: () => {
      for (const socket of sockets) socket.unpipe().pause();
    },
    close: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
