import { existsSync } from 'node:fs';
import { chown, mkdir, readFile, readdir, rename, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { runTypescript } from '../../../../test/support/child-process.ts';
import { recordingLogger } from '../../../../test/support/logger.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../../test/support/temporary.ts';
import { startEmbedded, type Embedded } from './index.ts';

const HOLD = fileURLToPath(new URL('fixtures/hold.ts', import.meta.url));
const Held = z.object({ url: z.string(), pid: z.number() });

let home: TemporaryFolder;
let folder: string;

beforeAll(async () => {
  home = await temporaryFolder();
  folder = join(home.path, 'database');
  await (await start()).stop();
});

afterAll(() => home.remove());

function start(logger = recordingLogger()): Promise<Embedded> {
  return startEmbedded({ folder, logger });
}

async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

function isRunning(pid: number): boolean {
  return existsSync(`/proc/${pid}/cwd`);
}

/** Runs `work` while a file of the data folder is changed, and puts everything back after. */
async function withSpare(path: string, change: () => Promise<void>, work: () => Promise<void>): Promise<void> {
  const spare = `${path}.spare`;
  const content = await readFile(path);
  const { uid, gid, mode } = await stat(path);
  await rename(path, spare);
  await writeFile(path, content, { mode });
  if (process.geteuid?.() === 0) await chown(path, uid, gid);
  try {
    await change();
    await work();
  } finally {
    await rename(spare, path);
  }
}

test('keeps its rows, its password and its files to itself', async () => {
  const first = await start();
  await query(first.url, 'create table kept as select 1 as n');
  const settings = await query(
    first.url,
    "select current_setting('listen_addresses') as a, current_setting('fsync') as f, current_setting('server_encoding') as e",
  );
  expect(settings).toEqual([{ a: '', f: 'on', e: 'UTF8' }]);
  const order = await query(first.url, "select string_agg(x, '' order by x) as o, upper('ä') as u from unnest(array['a', 'B', 'ä', '_']) x");
  expect(order).toEqual([{ o: 'B_aä', u: 'Ä' }]);
  const modes = await Promise.all(
    ['password', 'postgres.log', 'data', 'run'].map(async (name) => ((await stat(join(folder, name))).mode & 0o777).toString(8)),
  );
  expect(modes).toEqual(['600', '600', '700', '700']);
  await first.stop();
  const second = await start();
  expect(await query(second.url, 'select n from kept')).toEqual([{ n: 1 }]);
  expect(second.url).toBe(first.url);
  await second.stop();
});

test('asks for the password', async () => {
  const server = await start();
  const url = new URL(server.url);
  url.password = 'guess';
  await expect(query(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
  await server.stop();
});

test('leaves no process and no socket when it is stopped', async () => {
  const server = await start();
  const pid = server.pid();
  expect(isRunning(pid)).toBe(true);
  await server.stop();
  // pg_ctl waits until its file is gone, which is a moment before the process is.
  await vi.waitFor(() => expect(isRunning(pid)).toBe(false), 10_000);
  expect((await readdir(folder)).toSorted()).toEqual(['data', 'password', 'postgres.log']);
});

test('the PostgreSQL of a server that was killed is adopted as it runs', async () => {
  const killed = runTypescript(HOLD, { FOLDER: folder });
  const held = Held.parse(JSON.parse(await killed.line()));
  await query(held.url, 'create table before_kill as select 7 as n');
  await killed.kill('SIGKILL');
  expect(isRunning(held.pid)).toBe(true);
  const logger = recordingLogger();
  const server = await start(logger);
  expect(server.pid()).toBe(held.pid);
  expect(logger.lines.map((line) => line.message)).toEqual(['PostgreSQL still ran from the last time; it is taken over']);
  expect(await query(server.url, 'select n from before_kill')).toEqual([{ n: 7 }]);
  await server.stop();
  // pg_ctl waits until its file is gone, which is a moment before the process is.
  await vi.waitFor(() => expect(isRunning(held.pid)).toBe(false), 10_000);
});

test('a second server on the same folder is refused, and the first does not notice', async () => {
  const first = await start();
  const second = runTypescript(HOLD, { FOLDER: folder });
  expect(await second.line()).toMatch(new RegExp(`Another Terrarium \\(process ${process.pid}\\) uses this data folder`));
  await second.kill('SIGKILL');
  const logger = recordingLogger();
  await expect(start(logger)).rejects.toMatchObject({ code: 'in-use' });
  // Least of all that it took over what is another's.
  expect(logger.lines).toEqual([]);
  expect(await query(first.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await first.stop();
});

test('when PostgreSQL itself is killed, it is started again with all that was committed', async () => {
  const logger = recordingLogger();
  const server = await start(logger);
  await query(server.url, 'create table committed as select generate_series(1, 1000) as n');
  const before = server.pid();
  process.kill(before, 'SIGKILL');
  await expect.poll(() => server.pid(), { timeout: 20_000 }).not.toBe(before);
  await expect.poll(() => logger.lines.at(-1)?.message, { timeout: 20_000 }).toBe('PostgreSQL runs again');
  expect(await query(server.url, 'select count(*)::int as n from committed')).toEqual([{ n: 1000 }]);
  await server.stop();
});

test('a process id left in the pid file that is somebody else by now does not disturb', async () => {
  const left = `${process.pid}\n${folder}/data\n1\n5432\n${folder}/run\n\n  1 2\nready   \n`;
  await writeFile(join(folder, 'data', 'postmaster.pid'), left);
  await mkdir(join(folder, 'run'), { mode: 0o700 });
  await writeFile(join(folder, 'run', '.s.PGSQL.5432.lock'), left);
  await writeFile(join(folder, 'run', '.s.PGSQL.5432'), '');
  const server = await start();
  expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await server.stop();
});

test('an empty pid file, as a power failure leaves it, does not disturb either', async () => {
  const file = join(folder, 'data', 'postmaster.pid');
  await writeFile(file, '');
  await utimes(file, 1, 1);
  const server = await start();
  expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await server.stop();
});

test('of two that start at once in an empty folder one wins, and the other says why not', async () => {
  const place = join(home.path, 'race');
  const both = [runTypescript(HOLD, { FOLDER: place }), runTypescript(HOLD, { FOLDER: place })];
  const lines = (await Promise.all(both.map((child) => child.line()))).toSorted();
  await Promise.all(both.map((child) => child.kill('SIGKILL')));
  expect(lines).toEqual([expect.stringContaining('Another Terrarium'), expect.stringContaining('"pid"')]);
  const heir = await startEmbedded({ folder: place, logger: recordingLogger() });
  await heir.stop();
  expect((await readdir(place)).toSorted()).toEqual(['data', 'password', 'postgres.log']);
});

test('a folder too deep for the address of a socket, with signs that need quoting', async () => {
  const deep = join(home.path, 'a "quoted", folder', 'x'.repeat(100));
  const server = await startEmbedded({ folder: deep, logger: recordingLogger() });
  expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await server.stop();
  const other = join(home.path, 'b "q", %20');
  const near = await startEmbedded({ folder: other, logger: recordingLogger() });
  expect(await query(near.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await near.stop();
});

test.runIf(process.geteuid?.() === 0)('as root, a folder within one that is closed to others', async () => {
  const closed = join(home.path, 'closed');
  await mkdir(closed, { mode: 0o700 });
  const server = await startEmbedded({ folder: join(closed, 'database'), logger: recordingLogger() });
  expect((await stat(`/proc/${server.pid()}`)).uid).not.toBe(0);
  expect(await query(server.url, 'select 1 as n')).toEqual([{ n: 1 }]);
  await server.stop();
});

describe('what cannot be started is said in a sentence', () => {
  const data = (name: string) => join(folder, 'data', name);

  test('another version', async () => {
    const change = () => writeFile(data('PG_VERSION'), '13\n');
    await withSpare(data('PG_VERSION'), change, async () => {
      await expect(start()).rejects.toMatchObject({
        code: 'version',
        message: expect.stringContaining('written by PostgreSQL 13, and this Terrarium brings 18'),
      });
    });
  });

  test('a folder of something else', async () => {
    const place = join(home.path, 'foreign');
    await mkdir(join(place, 'data'), { recursive: true });
    if (process.geteuid?.() === 0) await chown(join(place, 'data'), 65_534, 65_534);
    await expect(startEmbedded({ folder: place, logger: recordingLogger() })).rejects.toMatchObject({
      code: 'unusable',
      message: expect.stringContaining('is not a PostgreSQL data folder'),
    });
  });

  test('damaged files', async () => {
    await withSpare(
      data('global/pg_control'),
      () => truncate(data('global/pg_control'), 10),
      async () => {
        await expect(start()).rejects.toMatchObject({
          code: 'unusable',
          message: expect.stringMatching(/restore a backup.*PANIC|restore a backup.*FATAL/),
        });
      },
    );
  });

  test('no password, or that of another database', async () => {
    await withSpare(
      join(folder, 'password'),
      () => rm(join(folder, 'password')),
      async () => {
        await expect(start()).rejects.toMatchObject({ code: 'unusable', message: expect.stringContaining('password is missing') });
        await writeFile(join(folder, 'password'), 'other');
        await expect(start()).rejects.toMatchObject({ code: 'unusable', message: expect.stringContaining('does not belong to the database') });
      },
    );
    expect((await readdir(join(folder, 'data'))).includes('postmaster.pid')).toBe(false);
  });
});
