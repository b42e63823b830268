import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { PluginError } from '#plugins/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { insertBuild } from '../builds/sql/insert-build.ts';
import { insertProject, jobSpec, newBuild, runJob } from '../builds/testing/rows.ts';
import { CoreError } from '../common/errors.ts';
import { withTransaction } from '../database/index.ts';
import { ForkDesk } from './fork-desk.ts';
import { InterpreterCache } from './interpreter-cache.ts';
import { insertFork, insertForkBuild, publish } from './testing/publish.ts';

const MINUTE_MS = 60_000;
const [OLD, NEW] = ['a'.repeat(40), 'b'.repeat(40)];
const AWAY = new PluginError('unavailable', 'nobody answers');

let database: TestDatabase;
let folder: TemporaryFolder;
let cache: InterpreterCache;
let desk: ForkDesk;
let forkId: number;
/** What was begun: `PROJECT REVISION`, and in vain. */
let asked: string[];
/** What beginning a package comes to, but for those that can be begun. */
let failures: Map<number, Error>;

beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder();
});

afterAll(async () => {
  await database?.close();
  await folder?.remove();
});

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  await database.pool.query('truncate machines, projects cascade');
  cache = new InterpreterCache(database.pool, join(folder.path, randomUUID()));
  forkId = await insertProject(database);
  await insertFork(database, forkId);
  asked = [];
  failures = new Map();
  desk = new ForkDesk({ pool: database.pool, cache, logger: database.logger, start });
});

afterEach(async () => {
  await desk.stop();
  vi.useRealTimers();
});

const start: ConstructorParameters<typeof ForkDesk>[0]['start'] = async (projectId, { revision }, note) => {
  asked.push(`${projectId} ${revision}`);
  const failure = failures.get(projectId);
  if (failure) throw failure;
  return await withTransaction(database, async (client) => {
    const id = await insertBuild(client, { ...newBuild(projectId, [jobSpec('a')]), isQuiet: true });
    const { text, values } = note(id);
    await client.query(text, [...values]);
    return id;
  });
};

async function insertPackage(of = forkId): Promise<number> {
  const id = await insertProject(database);
  await database.pool.query('insert into fork_packages (fork_id, project_id) values ($1, $2)', [of, id]);
  return id;
}

/** A build of the fork that has passed and was published. */
async function published(commit = OLD): Promise<void> {
  const build = await insertForkBuild(database, forkId, { commit });
  await publish(cache, forkId, build);
  await runJob(database, randomUUID(), build.id, 'build', 'passed');
}

async function problems(): Promise<(string | null)[]> {
  return (await database.pool.query<{ problem: string | null }>('select problem from fork_builds order by project_id')).rows.map(
    ({ problem }) => problem,
  );
}

const later = (minutes: number): void => void vi.setSystemTime(Date.now() + minutes * MINUTE_MS);

test('packages are tried once, when a revision was published', async () => {
  const project = await insertPackage();
  const build = await insertForkBuild(database, forkId);
  await publish(cache, forkId, build);
  await desk.look();
  expect(asked).toEqual([]);
  await runJob(database, randomUUID(), build.id, 'build', 'passed');
  await desk.look();
  await desk.look();
  expect(asked).toEqual([`${project} ${OLD}`]);
});

test('a package whose repository is away is tried again each minute, and no other waits for it', async () => {
  const [away, there] = [await insertPackage(), await insertPackage()];
  failures.set(away, AWAY);
  await published();
  await desk.look();
  await desk.look();
  expect(asked).toEqual([`${away} ${OLD}`, `${there} ${OLD}`]);
  later(1);
  await desk.look();
  expect(asked.slice(2)).toEqual([`${away} ${OLD}`]);
  expect(await problems()).toEqual([null]);
  failures.clear();
  later(1);
  await desk.look();
  expect(await problems()).toEqual([null, null]);
});

test.each([
  ['an outage', AWAY, 'nobody answers'],
  ['a mistake of the server', new Error('what?'), 'what?'],
])('%s of an hour is written down', async (_, failure, problem) => {
  failures.set(await insertPackage(), failure);
  await published();
  await desk.look();
  later(59);
  await desk.look();
  expect(await problems()).toEqual([]);
  later(1);
  await desk.look();
  expect(await problems()).toEqual([problem]);
});

test.each([
  ['of a plugin', new PluginError('unauthorized', 'the key is not accepted')],
  ['of the core', new CoreError('invalid', 'that is no repository')],
])('a refusal %s is written down at once', async (_, failure) => {
  failures.set(await insertPackage(), failure);
  await published();
  await desk.look();
  expect(await problems()).toEqual([failure.message]);
});

test('a repository that does not answer is let go of after two minutes, and tried again', async () => {
  vi.useFakeTimers();
  const project = await insertPackage();
  await published();
  const slow = new ForkDesk({
    pool: database.pool,
    cache,
    logger: database.logger,
    start: (_project, _fork, _note, signal) =>
      new Promise((_resolve, reject) => {
        asked.push('slow');
        signal.addEventListener('abort', () => reject(new Error('broken off')));
      }),
  });
  const looking = slow.look();
  await vi.waitFor(() => expect(asked).toEqual(['slow']));
  await vi.advanceTimersByTimeAsync(2 * MINUTE_MS);
  await looking;
  expect(await problems()).toEqual([]);
  later(1);
  await desk.look();
  expect(asked.at(-1)).toBe(`${project} ${OLD}`);
});

test('a revision of which nothing can be read keeps no other back', async () => {
  await insertPackage();
  await published();
  await published(NEW);
  let refreshes = 0;
  const broken = {
    refresh: () => {
      refreshes += 1;
      return refreshes === 2 ? Promise.reject(new Error('broken')) : Promise.resolve();
    },
    tidy: () => Promise.resolve(),
  };
  await new ForkDesk({ pool: database.pool, cache: broken, logger: database.logger, start }).look();
  expect(asked.map((one) => one.split(' ')[1])).toEqual([NEW]);
});

test('what other servers have published and changed is known after a look', async () => {
  const other = new InterpreterCache(database.pool, join(folder.path, randomUUID()));
  await desk.look();
  await publish(other, forkId, await insertForkBuild(database, forkId));
  await desk.look();
  expect(cache.offersFor('debian-12').map(({ name }) => name)).toContain('acme-3.8');
  await database.pool.query(`update forks set name = 'new-3.8'`);
  await desk.look();
  expect(cache.offersFor('debian-12').map(({ name }) => name)).toContain('new-3.8');
});

test('files are tidied each hour', async () => {
  const tidy = vi.spyOn(cache, 'tidy');
  await desk.look();
  later(59);
  await desk.look();
  expect(tidy).toHaveBeenCalledTimes(1);
  later(1);
  await desk.look();
  expect(tidy).toHaveBeenCalledTimes(2);
});
