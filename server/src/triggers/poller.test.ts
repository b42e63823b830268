import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Ref, Repository } from '#plugins/api';
import { FakeCi, FakeScm, FakeScmHost, type FakeRepository } from '#plugins/api/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { Builds } from '../builds/builds.service.ts';
import { LAX } from '../builds/testing/rows.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { Neighbours } from '../database/neighbours.ts';
import { InlinePlanner } from '../planning/planner.ts';
import { Registry } from '../plugins/index.ts';
import { SecretBox } from '../projects/secret-box.ts';
import { Sources } from '../projects/sources.ts';
import { Contributors } from '../trust/contributors.ts';
import { Trust } from '../trust/trust.ts';
import { Intake } from './intake.ts';
import { lookBegins, looked, lookSoon } from './look-soon.ts';
import { Poller } from './poller.ts';
import { BuildStarter } from './start-build.ts';
import { NO_FORKS } from '../forks/testing/no-forks.ts';

const FILES = { '.fake-ci': 'unit: true\n' };
const NOWHERE = 'f'.repeat(40);

/** A code host that lets callers for some repositories wait until they are let in. */
class SlowScm extends FakeScm {
  readonly asked: string[] = [];
  private readonly held = new Map<string, { readonly letIn: Promise<void>; readonly open: () => void }>();

  hold(url: string): void {
    let open = (): void => undefined;
    const letIn = new Promise<void>((resolve) => {
      open = resolve;
    });
    this.held.set(url, { letIn, open });
  }

  letIn(): void {
    for (const { open } of this.held.values()) open();
  }

  override async refs(repository: Repository, signal: AbortSignal): Promise<{ refs: readonly Ref[]; defaultBranch: string | null }> {
    this.asked.push(repository.url);
    await this.held.get(repository.url)?.letIn;
    return await super.refs(repository, signal);
  }
}

let database: TestDatabase;
let folder: TemporaryFolder;
let host: FakeScmHost;
let scm: SlowScm;
let poller: Poller;

beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder();
});

afterAll(async () => {
  await database?.close();
  await folder?.remove();
});

beforeEach(async () => {
  await database.pool.query('delete from projects');
  database.logger.lines.length = 0;
  host = new FakeScmHost();
  scm = new SlowScm(host, folder.path);
  const registry = new Registry();
  registry.add('scm', { name: 'fake', plugin: 'scm-fake', extension: scm });
  const sources = new Sources(database, registry, await SecretBox.open(folder.path));
  const events = new DomainEvents();
  const builds = new Builds(database, events, new Neighbours(database, events, randomUUID()));
  const starter = new BuildStarter(sources, builds, new InlinePlanner([new FakeCi()]), NO_FORKS, LAX, database.logger);
  const contributors = new Contributors(database.pool);
  const intake = new Intake(database.pool, sources, new Trust(database.pool, sources, contributors), starter, builds);
  poller = new Poller(database.pool, sources, intake, database.logger);
});

afterEach(async () => {
  scm.letIn();
  await poller.stop();
});

async function project(name: string): Promise<number> {
  const { rows } = await database.pool.query<{ id: number }>(
    `insert into projects (name, url, scm, poll_seconds) values ($1, 'fake://host/' || $1, 'fake', 60) returning id`,
    [name],
  );
  return rows[0]?.id ?? 0;
}

function repository(name: string): FakeRepository {
  const made = host.create(`fake://host/${name}`);
  made.commit('main', FILES, 'first');
  return made;
}

/** Lets a minute pass for every project, and polls. */
async function poll(): Promise<void> {
  await database.pool.query(`update projects set polled_at = polled_at - interval '1 minute'`);
  await poller.look();
  await poller.settled();
}

/** What was said of the newest build, as `level text`. */
async function said(projectId: number): Promise<string[]> {
  const { rows } = await database.pool.query<{ messages: { level: string; text: string }[] }>(
    'select messages from builds where project_id = $1 order by id desc limit 1',
    [projectId],
  );
  return (rows[0]?.messages ?? []).map(({ level, text }) => `${level} ${text}`);
}

/** What was built, as `kind branch message`, in order. */
async function built(projectId: number): Promise<string[]> {
  const { rows } = await database.pool.query<{ what: string }>(
    `select concat_ws(' ', change->>'kind', branch, change->>'message') as what from builds where project_id = $1 order by id`,
    [projectId],
  );
  return rows.map((row) => row.what);
}

async function problemOf(projectId: number): Promise<string | null> {
  const { rows } = await database.pool.query<{ problem: string | null }>('select poll_problem as problem from projects where id = $1', [projectId]);
  return rows[0]?.problem ?? null;
}

describe('the first look', () => {
  test('learns what is there; later ones build what is new or has moved', async () => {
    const id = await project('a');
    const source = repository('a');
    await poll();
    expect(await built(id)).toEqual([]);
    await poll();
    source.commit('main', FILES, 'second');
    source.commit('side', FILES, 'third');
    await poll();
    await poll();
    expect(await built(id)).toEqual(['push main second', 'push side third']);
  });

  test('of what says what to run in too large a file makes a build that says so', async () => {
    const id = await project('a');
    const source = repository('a');
    await poll();
    source.commit('main', { '.fake-ci': 'x'.repeat(1024 * 1024 + 1) }, 'large');
    await poll();
    expect([await built(id), await problemOf(id)]).toEqual([['push main large'], null]);
    expect(await said(id)).toEqual(['error What says what to run is not read. .fake-ci is larger than 1 MB. Mend that, and push again.']);
  });

  test('that fails is no look: the next one still only learns', async () => {
    const id = await project('a');
    await poll();
    expect(await problemOf(id)).toContain('There is no repository');
    const source = repository('a');
    source.tags.set('v1', source.branches.get('main') ?? '');
    await poll();
    expect([await problemOf(id), await built(id)]).toEqual([null, []]);
    source.commit('main', FILES, 'second');
    await poll();
    expect(await built(id)).toEqual(['push main second']);
  });

  test('of an empty repository is one, too', async () => {
    const id = await project('a');
    const source = host.create('fake://host/a');
    await poll();
    source.commit('main', FILES, 'first');
    await poll();
    expect(await built(id)).toEqual(['push main first']);
  });
});

describe('a ref', () => {
  test('that cannot be built keeps no other back, and is tried again', async () => {
    const id = await project('a');
    const source = repository('a');
    await poll();
    source.branches.set('bad', NOWHERE);
    source.branches.set('worse', NOWHERE);
    const good = source.commit('good', FILES, 'fine');
    await poll();
    expect(await built(id)).toEqual(['push good fine']);
    expect(await problemOf(id)).toBe(`branch bad: There is no ${NOWHERE} in the repository. (and 1 more)`);
    await poll();
    expect(database.logger.lines.filter((line) => line.level === 'warn')).toHaveLength(1);
    source.branches.set('bad', good);
    source.branches.delete('worse');
    await poll();
    expect([await problemOf(id), await built(id)]).toEqual([null, ['push good fine', 'push bad fine']]);
  });

  test('is itself, though another kind has the same name', async () => {
    const id = await project('a');
    const source = repository('a');
    const first = source.branches.get('main') ?? '';
    source.commit('v1', FILES, 'the branch');
    await poll();
    source.tags.set('v1', first);
    await poll();
    expect(await built(id)).toEqual(['tag v1 first']);
  });

  test('that went and came back is new', async () => {
    const id = await project('a');
    const source = repository('a');
    const first = source.branches.get('main') ?? '';
    await poll();
    source.branches.set('side', first);
    await poll();
    source.branches.delete('side');
    await poll();
    source.branches.set('side', first);
    await poll();
    expect(await built(id)).toEqual(['push side first', 'push side first']);
  });
});

test('a project that is never looked at by itself is looked at after a hint, once', async () => {
  const id = await project('a');
  const source = repository('a');
  await poll();
  await database.pool.query('update projects set poll_seconds = null');
  source.commit('main', FILES, 'second');
  await poll();
  expect(await built(id)).toEqual([]);
  await lookSoon(database.pool, id);
  await poll();
  expect(await built(id)).toEqual(['push main second']);
  expect((await database.pool.query('select look_at from projects')).rows).toEqual([{ look_at: null }]);
});

test('a hint of the same millisecond as the look after it is followed by that look', async () => {
  const id = await project('a');
  const began = await lookBegins(database.pool);
  await database.pool.query(`update projects set look_at = $1::timestamptz - interval '1 microsecond'`, [began]);
  await looked(database.pool, id, began, null);
  expect((await database.pool.query('select look_at from projects')).rows).toEqual([{ look_at: null }]);
});

test('a hint that comes right after a look is followed a little later, and one that comes during a look after it', async () => {
  const id = await project('a');
  const source = repository('a');
  await poll();
  source.commit('main', FILES, 'second');
  await lookSoon(database.pool, id);
  await poller.look();
  await poller.settled();
  expect(await built(id)).toEqual([]);
  await database.pool.query(`update projects set look_at = look_at - interval '5 seconds'`);
  scm.hold('fake://host/a');
  await poller.look();
  await vi.waitFor(() => expect(scm.asked).toHaveLength(2));
  await lookSoon(database.pool, id);
  scm.letIn();
  await poller.settled();
  expect(await built(id)).toEqual(['push main second']);
  expect((await database.pool.query('select look_at > now() as later from projects')).rows).toEqual([{ later: true }]);
});

describe('several projects', () => {
  test('do not wait for one whose host is slow, and that one is not asked twice', async () => {
    const names = ['slow', 'a', 'b', 'c', 'd', 'e', 'f'];
    for (const name of names) {
      repository(name);
      await project(name);
    }
    scm.hold('fake://host/slow');
    await poller.look();
    await vi.waitFor(async () => expect(await polled()).toBe(6), { timeout: 20_000 });
    await poller.look();
    expect(scm.asked.filter((url) => url.endsWith('slow'))).toHaveLength(1);
    scm.letIn();
    await poller.settled();
    expect(await polled()).toBe(7);
    expect(scm.asked).toHaveLength(7);
  });

  test('are polled a few at once', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) {
      await project(name);
      repository(name);
      scm.hold(`fake://host/${name}`);
    }
    await poller.look();
    await vi.waitFor(() => expect(scm.asked).toHaveLength(4));
    await poller.look();
    expect(scm.asked).toHaveLength(4);
    scm.letIn();
    await poller.settled();
    expect(await polled()).toBe(6);
  });

  async function polled(): Promise<number> {
    const { rows } = await database.pool.query<{ count: number }>('select count(*)::int as count from projects where polled_at is not null');
    return rows[0]?.count ?? 0;
  }
});
