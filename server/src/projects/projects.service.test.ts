import { randomUUID } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Ref, Repository } from '#plugins/api';
import { FakeScm, FakeScmHost } from '#plugins/api/testing';
import type { ProjectView } from '#server/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { BuildViews } from '../builds/build-views.ts';
import { Builds } from '../builds/builds.service.ts';
import { assign, buildOf, finish, jobsOf, jobSpec, newBuild, runJob } from '../builds/testing/rows.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { Neighbours } from '../database/neighbours.ts';
import { LogStore } from '../logs/index.ts';
import { Registry } from '../plugins/index.ts';
import { movedRefs } from '../triggers/refs.ts';
import { Projects } from './projects.service.ts';
import { SecretBox } from './secret-box.ts';
import { Sources } from './sources.ts';

const signal = new AbortController().signal;
const owner = randomUUID();
const PASSWORD = { kind: 'password', user: 'me', password: 'hunter22' } as const;

/** A code host that remembers how it was asked. */
class AskedScm extends FakeScm {
  asked: Repository | null = null;

  override async refs(repository: Repository, until: AbortSignal): Promise<{ refs: readonly Ref[]; defaultBranch: string | null }> {
    this.asked = repository;
    return await super.refs(repository, until);
  }
}

let database: TestDatabase;
let folder: TemporaryFolder;
let host: FakeScmHost;
let scm: AskedScm;
let logs: LogStore;
let projects: Projects;
let sources: Sources;
let builds: Builds;

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
  host = new FakeScmHost();
  for (const name of ['a', 'b']) host.create(`fake://host/${name}`).commit('trunk', {}, 'first');
  scm = new AskedScm(host, folder.path);
  const registry = new Registry();
  registry.add('scm', { name: 'fake', plugin: 'scm-fake', extension: scm });
  sources = new Sources(database, registry, await SecretBox.open(folder.path));
  logs = new LogStore(join(folder.path, 'logs'));
  projects = new Projects(database, sources, new BuildViews(database.pool), logs);
  const events = new DomainEvents();
  builds = new Builds(database, events, new Neighbours(database, events, owner));
});

async function make(name = 'a'): Promise<ProjectView> {
  return await projects.create({ url: `fake://host/${name}` }, signal);
}

async function count(table: 'projects' | 'builds' | 'attempts'): Promise<number> {
  const { rows } = await database.pool.query<{ count: number }>(`select count(*)::int as count from ${table}`);
  return rows[0]?.count ?? 0;
}

describe('a new project', () => {
  test('is written only after its repository was seen, with its credentials', async () => {
    const seen = await projects.create({ url: ' fake://host/a ', credentials: PASSWORD, settings: { pollSeconds: 90 } }, signal);
    expect(scm.asked).toEqual({ url: 'fake://host/a', credentials: PASSWORD });
    expect(seen).toMatchObject({ name: 'a', defaultBranch: 'trunk', hasCredentials: true, settings: { pollSeconds: 90, cancelSuperseded: false } });
    scm.asked = null;
    await sources.refs(seen.id, signal);
    expect(scm.asked).toEqual({ url: 'fake://host/a', credentials: PASSWORD });
  });

  test('remembers where its branches and tags were: what moves from then on is new', async () => {
    const seen = host.create('fake://host/c');
    const first = seen.commit('trunk', {}, 'first');
    seen.tags.set('v1', first);
    const { id } = await make('c');
    seen.commit('trunk', {}, 'second');
    const moved = await movedRefs(database.pool, id, (await sources.refs(id, signal)).refs);
    expect(moved.map((ref) => ref.name)).toEqual(['trunk']);
    const { rows } = await database.pool.query('select refs_known, polled_at is not null as polled from projects where id = $1', [id]);
    expect(rows).toEqual([{ refs_known: true, polled: true }]);
  });

  test('whose repository cannot be read leaves nothing', async () => {
    await expect(make('nowhere')).rejects.toMatchObject({ code: 'not-found' });
    expect(await count('projects')).toBe(0);
  });

  test('with a name that is taken is a conflict', async () => {
    await make();
    await expect(make()).rejects.toMatchObject({ code: 'conflict' });
    expect(await count('projects')).toBe(1);
  });
});

describe('the settings of a new project', () => {
  test('left out are a look each minute, and nothing cancelled', async () => {
    const settings = { pollSeconds: 60, cancelSuperseded: false, isolation: 'none', shellWithSecrets: false };
    const trust = { untrusted: 'hold', writers: true, groups: [], merged: false, comments: true };
    expect((await make()).settings).toEqual({ ...settings, trust, statuses: 'none' });
    const given = { cancelSuperseded: true, isolation: 'sandbox', shellWithSecrets: true } as const;
    const other = await projects.create({ url: 'fake://host/b', settings: given }, signal);
    expect(other.settings).toEqual({ ...settings, ...given, trust, statuses: 'none' });
  });

  test('may say that it is never looked at', async () => {
    const { settings } = await projects.create({ url: 'fake://host/a', settings: { pollSeconds: null } }, signal);
    expect(settings.pollSeconds).toBeNull();
  });
});

describe('changing a project', () => {
  test('touches nothing that is not given, though builds are made at the same time', async () => {
    const { id } = await make();
    const changes = Array.from({ length: 10 }, (_, index) => projects.update(id, { settings: { pollSeconds: 60 + index } }));
    const made = Array.from({ length: 10 }, () => builds.create(newBuild(id, [jobSpec('a')])));
    await Promise.all([...changes, ...made]);
    const numbers = await Promise.all(made.map(async (build) => (await buildOf(database, await build)).number));
    expect(new Set(numbers).size).toBe(10);
    const { rows } = await database.pool.query<{ next: number }>('select next_build as next from projects where id = $1', [id]);
    expect(rows).toEqual([{ next: 11 }]);
  });

  test('each setting by itself; nothing at all changes nothing', async () => {
    const { id } = await make();
    await projects.update(id, { credentials: PASSWORD });
    await projects.update(id, { name: 'other' });
    expect(await projects.update(id, { settings: { cancelSuperseded: true } })).toMatchObject({ name: 'other', hasCredentials: true });
    await projects.update(id, { settings: { isolation: 'vm' } });
    await projects.update(id, { settings: { shellWithSecrets: true } });
    expect(await projects.update(id, {})).toMatchObject({
      settings: { pollSeconds: 60, cancelSuperseded: true, isolation: 'vm', shellWithSecrets: true },
    });
    expect(await projects.update(id, { credentials: null })).toMatchObject({ hasCredentials: false });
    await expect(projects.update(2_000_000_000, {})).rejects.toMatchObject({ code: 'not-found' });
  });

  test('to a name that is taken is a conflict, and changes nothing else of it', async () => {
    await make('a');
    const { id } = await make('b');
    const update = projects.update(id, { name: 'a', settings: { pollSeconds: 90 }, secrets: { KEY: 'long enough' } });
    await expect(update).rejects.toMatchObject({ code: 'conflict' });
    expect(await projects.get(id)).toMatchObject({ name: 'b', settings: { pollSeconds: 60 }, secretNames: [] });
  });

  test.each(['abc', '  abc  ', '   ', 'true'])('refuses the secret %j, which no log could hide', async (value) => {
    const { id } = await make();
    const refused = projects.update(id, { secrets: { GOOD: 'long enough', SHORT: value } });
    await expect(refused).rejects.toMatchObject({ code: 'invalid', message: expect.stringContaining('The secret SHORT would be shown in logs') });
    expect((await projects.get(id)).secretNames).toEqual([]);
  });
});

describe('deleting a project', () => {
  test('is refused while a job runs or waits, though its build has a verdict', async () => {
    const { id } = await make();
    const build = await builds.create(newBuild(id, [jobSpec('a'), jobSpec('b'), jobSpec('c')], { fastFinish: true }));
    const [, b, c] = await jobsOf(database, build);
    const [attempt] = await assign(database, owner, [b?.id ?? 0]);
    await runJob(database, owner, build, 'a', 'failed');
    expect(await buildOf(database, build)).toMatchObject({ finished: true });
    await expect(projects.remove(id)).rejects.toMatchObject({ code: 'conflict' });
    await builds.cancelJob(c?.id ?? 0);
    await expect(projects.remove(id)).rejects.toMatchObject({ code: 'conflict' });
    await finish(database, owner, attempt?.attemptId ?? 0, 'passed');
    await projects.remove(id);
    expect([await count('projects'), await count('builds'), await count('attempts')]).toEqual([0, 0, 0]);
  });

  test('while a build of it is made ends with one of the two, never with a build of nothing', async () => {
    for (let round = 0; round < 8; round += 1) {
      const { id } = await make();
      const [removed, made] = await Promise.allSettled([projects.remove(id), builds.create(newBuild(id, [jobSpec('a')]))]);
      expect([removed.status, made.status].toSorted()).toEqual(['fulfilled', 'rejected']);
      await database.pool.query('delete from projects');
    }
  });

  test('takes its logs; one that cannot be removed is told to the operator only', async () => {
    const { id } = await make();
    const build = await builds.create(newBuild(id, [jobSpec('a'), jobSpec('b')]));
    const attempts = await assign(
      database,
      owner,
      (await jobsOf(database, build)).map((job) => job.id),
    );
    for (const { attemptId } of attempts) await finish(database, owner, attemptId, 'passed');
    const [first, second] = attempts.map((attempt) => attempt.attemptId);
    // A folder in the file's place: not even root can remove that as a file.
    await mkdir(join(folder.path, 'logs', `${first}.log`), { recursive: true });
    await writeFile(join(folder.path, 'logs', `${second}.log`), 'text');
    await projects.remove(id);
    expect(await count('projects')).toBe(0);
    expect(await logs.size(second ?? 0)).toBe(0);
    expect(database.logger.lines.at(-1)).toMatchObject({ level: 'warn', fields: { attempt: first } });
  });

  test('that is not there is not found', async () => {
    await expect(projects.remove(2_000_000_000)).rejects.toMatchObject({ code: 'not-found' });
  });
});
