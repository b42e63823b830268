import { createHash, randomUUID } from 'node:crypto';
import { readdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { insertProject } from '../builds/testing/rows.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { ForkReports } from './fork-reports.ts';
import { Forks } from './forks.ts';
import { InterpreterCache } from './interpreter-cache.ts';
import { insertFork, insertForkBuild, publish } from './testing/publish.ts';

const [OLD, NEW] = ['a'.repeat(40), 'b'.repeat(40)];
const LONG_AGO = new Date(Date.now() - 3 * 86_400_000);

let database: TestDatabase;
let folder: TemporaryFolder;
let place: string;
let cache: InterpreterCache;
let forkId: number;

beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder();
});

afterAll(async () => {
  await database?.close();
  await folder?.remove();
});

beforeEach(async () => {
  await database.pool.query('truncate projects cascade');
  place = join(folder.path, randomUUID());
  cache = new InterpreterCache(database.pool, place);
  forkId = await insertProject(database);
  await insertFork(database, forkId);
});

/** The revision that jobs get by that name: each archive holds its own. */
function got(name: string): string | undefined {
  const archive = cache.offersFor('debian-12').find((one) => one.name === name)?.archive;
  return [OLD, NEW].find((revision) => archive === checksum(revision)) ?? archive;
}

const checksum = (text: string): string => createHash('sha256').update(text).digest('hex');
const push = (commit: string, branch = 'main') => insertForkBuild(database, forkId, { commit, branch });
const tag = (commit: string, name: string) => insertForkBuild(database, forkId, { kind: 'tag', commit, branch: name, tag: name });

/** Publishes revisions of topic branches, each on its own. */
async function topics(count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) await publish(cache, forkId, await push(String(index).padStart(40, '0'), `topic-${index}`));
}

describe('what jobs get by a name', () => {
  test('is what its branch has, whatever tags and other branches are on the same commit', async () => {
    await publish(cache, forkId, await push(OLD));
    await publish(cache, forkId, await push(NEW));
    await publish(cache, forkId, await tag(NEW, 'v1'));
    await publish(cache, forkId, await push(NEW, 'release'));
    expect(['acme-3.8', 'acme-3.8@main', 'acme-3.8@v1', 'acme-3.8@release', `acme-3.8@${OLD}`].map(got)).toEqual([NEW, NEW, NEW, NEW, OLD]);
    expect((await published())[0]?.branches).toEqual(['release', 'v1', 'main']);
  });

  test('of a fork’s name alone is the default branch’s, and no tag’s that is called like it', async () => {
    await publish(cache, forkId, await push(NEW));
    await publish(cache, forkId, await tag(OLD, 'main'));
    expect(got('acme-3.8')).toBe(NEW);
  });

  test('is of the branch that is called just so, and no other’s in other letters', async () => {
    await publish(cache, forkId, await push(OLD));
    await publish(cache, forkId, await push(NEW, 'MAIN'));
    expect(['acme-3.8', 'acme-3.8@main', 'acme-3.8@MAIN'].map(got)).toEqual([OLD, OLD, undefined]);
  });

  test('is of the newest build, whichever ends last', async () => {
    const [first, second] = [await push(OLD), await push(NEW)];
    await publish(cache, forkId, second);
    await publish(cache, forkId, first);
    expect(got('acme-3.8')).toBe(NEW);
    // A branch that is set back to an older commit is there again.
    await publish(cache, forkId, await push(OLD));
    expect(got('acme-3.8')).toBe(OLD);
  });

  test('of a release is the older one’s until that which has taken its place is built', async () => {
    await database.pool.query('update forks set upstream = null');
    await publish(cache, forkId, await push(OLD, 'Python-3.8.1'));
    await database.pool.query(`update projects set default_branch = 'Python-3.8.1'`);
    await cache.refresh();
    expect(got('acme-3.8')).toBe(OLD);
    await database.pool.query(`update projects set default_branch = 'Python-3.8.2'`);
    await cache.refresh();
    expect(got('acme-3.8')).toBe(OLD);
    await publish(cache, forkId, await push(NEW, 'Python-3.8.2'));
    expect(got('acme-3.8')).toBe(NEW);
    // Of a fork it is nobody's: what a topic branch has was never meant for all.
    await database.pool.query(`update forks set upstream = '3.8'`);
    await database.pool.query(`update projects set default_branch = 'main'`);
    await cache.refresh();
    expect(got('acme-3.8')).toBeUndefined();
  });

  test('is of a revision before it is of a branch that is called like one', async () => {
    await publish(cache, forkId, await push(OLD));
    await publish(cache, forkId, await push(NEW, OLD));
    expect(got(`acme-3.8@${OLD}`)).toBe(OLD);
  });

  test('stays known where an older answer of the database comes last', async () => {
    let answer = (): void => undefined;
    const slow = new Promise<void>((resolve) => (answer = resolve));
    let isFirst = true;
    const pool = Object.assign(Object.create(database.pool) as typeof database.pool, {
      query: async (text: string, values: unknown[]) => {
        const wait = isFirst;
        const rows = await database.pool.query(text, values);
        if (wait) await slow;
        return rows;
      },
    });
    const other = new InterpreterCache(pool, place);
    const overtaken = other.refresh();
    isFirst = false;
    await publish(cache, forkId, await push(NEW));
    await other.refresh();
    answer();
    await overtaken;
    expect(other.offersFor('debian-12')).toHaveLength(3);
  });
});

async function published() {
  return (await new Forks(database.pool, cache, new DomainEvents()).get(forkId, 'all')).published;
}

describe('what is kept', () => {
  test('are the newest, and besides the head of each branch that there is', async () => {
    await publish(cache, forkId, await push(OLD));
    await publish(cache, forkId, await push(NEW, 'gone'));
    await publish(cache, forkId, await push('c'.repeat(40), 'there'));
    await database.pool.query('update projects set refs_known = true where id = $1', [forkId]);
    await database.pool.query(`insert into project_refs (project_id, kind, name, commit) values ($1, 'branch', 'there', $2)`, [forkId, OLD]);
    await topics(51);
    expect(['acme-3.8', 'acme-3.8@gone', 'acme-3.8@there', 'acme-3.8@topic-0', 'acme-3.8@topic-1'].map((name) => got(name) !== undefined)).toEqual([
      true,
      false,
      true,
      false,
      true,
    ]);
    expect(await published()).toHaveLength(50);
  });

  test('are all heads, where the repository was not looked at yet', async () => {
    await topics(52);
    expect(got('acme-3.8@topic-0')).toBeDefined();
  });

  test('are archives that a row speaks of, or spoke of at the look before', async () => {
    await publish(cache, forkId, await push(OLD));
    await publish(cache, forkId, await push(NEW));
    for (const revision of [OLD, NEW]) await utimes(cache.fileOf(checksum(revision)), LONG_AGO, LONG_AGO);
    await cache.tidy();
    await database.pool.query('update interpreters set sha256 = null where revision = $1', [OLD]);
    await cache.tidy();
    expect(await readdir(place)).toHaveLength(2);
    await cache.tidy();
    expect(await readdir(place)).toEqual([checksum(NEW)]);
  });
});

describe('reports', () => {
  const reports = (): ForkReports => new ForkReports(database.pool);

  test('are there of each revision, of those that are not listed and not kept, too', async () => {
    await publish(cache, forkId, await push(OLD));
    await topics(31);
    const newest = await reports().of(forkId, null, 'all');
    expect(newest.revisions).toHaveLength(30);
    expect(newest.revision).toBe('30'.padStart(40, '0'));
    const old = await reports().of(forkId, OLD, 'all');
    expect(old).toMatchObject({ revision: OLD, own: { state: 'queued' } });
    expect(old.revisions.at(-1)).toMatchObject({ revision: OLD, branches: ['main'] });
    await database.pool.query('insert into fork_builds (fork_id, revision, project_id, problem) values ($1, $2, $3, $4)', [
      forkId,
      NEW,
      await insertProject(database),
      'no',
    ]);
    expect((await reports().of(forkId, NEW, 'all')).packages).toMatchObject([{ problem: 'no' }]);
    await expect(reports().of(forkId, 'c'.repeat(40), 'all')).rejects.toMatchObject({ code: 'not-found' });
  });
});
