import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FakeCi, FakeScm, FakeScmHost, type FakeRepository } from '#plugins/api/testing';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { RoleSync } from '../auth/people/role-sync.ts';
import { addAccount } from '../auth/testing/rows.ts';
import { Builds } from '../builds/builds.service.ts';
import { LAX } from '../builds/testing/rows.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { Neighbours } from '../database/neighbours.ts';
import { NO_FORKS } from '../forks/testing/no-forks.ts';
import { InlinePlanner } from '../planning/planner.ts';
import { Registry } from '../plugins/index.ts';
import { SecretBox } from '../projects/secret-box.ts';
import { Sources } from '../projects/sources.ts';
import { Contributors } from '../trust/contributors.ts';
import { Trust } from '../trust/trust.ts';
import { Intake } from './intake.ts';
import { Poller } from './poller.ts';
import { ProjectMoves } from './project-moves.ts';
import { BuildStarter } from './start-build.ts';

const FILES = { '.fake-ci': 'unit: true\n' };
const [OLD, NEW] = ['fake://host/old', 'fake://host/new'];
const LOGIN = { kind: 'password', user: 'ci', password: 'for the old place alone' } as const;

/** A second code host, with repositories of its own. */
class ElsewhereScm extends FakeScm {
  override matches(url: string): boolean {
    return url.startsWith('elsewhere://');
  }
}

let database: TestDatabase;
let folder: TemporaryFolder;
let host: FakeScmHost;
let moves: ProjectMoves;
let poller: Poller;
let sources: Sources;
let revoked: string[];
let projectId: number;

beforeAll(async () => {
  database = await testDatabase();
  folder = await temporaryFolder();
});

afterAll(async () => {
  await database?.close();
  await folder?.remove();
});

beforeEach(async () => {
  await database.pool.query('truncate projects, accounts cascade');
  host = new FakeScmHost();
  revoked = [];
  const registry = new Registry();
  registry.add('scm', { name: 'elsewhere', plugin: 'scm-fake', extension: new ElsewhereScm(host, folder.path) });
  registry.add('scm', { name: 'fake', plugin: 'scm-fake', extension: new FakeScm(host, folder.path) });
  sources = new Sources(database, registry, await SecretBox.open(folder.path));
  const events = new DomainEvents();
  const builds = new Builds(database, events, new Neighbours(database, events, randomUUID()));
  const starter = new BuildStarter(sources, builds, new InlinePlanner([new FakeCi()]), NO_FORKS, LAX, database.logger);
  const intake = new Intake(database.pool, sources, new Trust(database.pool, sources, new Contributors(database.pool)), starter, builds);
  poller = new Poller(database.pool, sources, intake, database.logger);
  const open = (id: number) => sources.open(id);
  const roleSync = new RoleSync({ pool: database.pool, rules: [], open, revoke: (right) => revoked.push(right), logger: database.logger });
  moves = new ProjectMoves({ database, sources, intake, roleSync });
  const { rows } = await database.pool.query<{ id: number }>(
    `insert into projects (name, url, scm, default_branch, poll_seconds) values ('package', $1, 'fake', 'main', null) returning id`,
    [OLD],
  );
  projectId = rows[0]?.id ?? 0;
  host.create(OLD).commit('main', FILES, 'first');
  await poll();
});

const never = new AbortController().signal;
const move = (url: string, credentials: typeof LOGIN | null = null) => moves.move(projectId, { url, credentials }, never);

/** Looks at what is due. */
async function poll(): Promise<void> {
  await poller.look();
  await poller.settled();
}

/** The branches that were built, with what was said of their commits. */
async function built(): Promise<string[]> {
  const { rows } = await database.pool.query<{ what: string }>(
    `select change->>'branch' || ': ' || (change->>'message') as what from builds where project_id = $1 order by id`,
    [projectId],
  );
  return rows.map(({ what }) => what);
}

/** A copy of the old repository at the new place, as it is after a move; with what was committed since. */
function copy(): FakeRepository {
  const made = host.create(NEW);
  made.commit('main', FILES, 'first');
  return made;
}

test('what has come to the default branch meanwhile is built, without polling; other branches are taken as seen', async () => {
  const made = copy();
  made.commit('main', FILES, 'second');
  made.commit('topic', FILES, 'old work');
  await move(NEW);
  await poll();
  expect(await built()).toEqual(['main: second']);
  made.commit('topic', FILES, 'new work');
  await database.pool.query('update projects set look_at = now()');
  await poll();
  expect(await built()).toEqual(['main: second', 'topic: new work']);
});

test('what cannot be read changes nothing', async () => {
  await expect(move('fake://host/none')).rejects.toMatchObject({ code: 'not-found' });
  await expect(move('unheard://of')).rejects.toMatchObject({ code: 'invalid' });
  expect((await sources.open(projectId)).repository.url).toBe(OLD);
});

test('another code host is another project', async () => {
  host.create('elsewhere://host/new').commit('main', FILES, 'first');
  await expect(move('elsewhere://host/new')).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining('Add it as a new project') });
  await expect(moves.move(projectId + 1, { url: NEW, credentials: null }, never)).rejects.toMatchObject({ code: 'not-found' });
});

test('credentials of the old place are not sent to the new one', async () => {
  await database.pool.query('update projects set credentials = $1', [sources.sealCredentials(LOGIN, projectId)]);
  copy();
  await move(NEW);
  expect((await sources.open(projectId)).repository).toEqual({ url: NEW, credentials: null });
  await move(OLD, LOGIN);
  expect((await sources.open(projectId)).repository).toEqual({ url: OLD, credentials: LOGIN });
});

test('who was who at the old place is nobody at the new one, until he is asked for again', async () => {
  const anna = await addAccount(database, 'anna', null);
  await database.pool.query('update accounts set roles_read_at = now()');
  await database.pool.query(
    `insert into project_roles (project_id, account_id, source, role) values ($1, $2, 'host', 'maintainer'), ($1, $2, 'own', 'viewer')`,
    [projectId, anna],
  );
  copy();
  await move(NEW);
  expect((await database.pool.query('select source, role from project_roles')).rows).toEqual([{ source: 'own', role: 'viewer' }]);
  expect((await database.pool.query('select roles_read_at from accounts')).rows).toEqual([{ roles_read_at: null }]);
  expect(revoked).toHaveLength(1);
});
