import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Contributor, type HostPermission, type People, PluginError, type Repository } from '#plugins/api';
import { testDatabase, type TestDatabase } from '../../../../test/support/database.ts';
import { recordingLogger, type RecordingLogger } from '../../../../test/support/logger.ts';
import { addAccount, addProject } from '../testing/rows.ts';
import { Audit } from '../../audit/audit.ts';
import { HostAccounts } from '../sign-in/host-accounts.ts';
import { RoleSync } from './role-sync.ts';

/** A code host that knows only who may what; whatever else it is asked fails the test. */
class Permissions implements People {
  readonly asked: string[] = [];
  readonly table = new Map<string, HostPermission | 'away'>();

  permission({ url }: Repository, { id, name }: Contributor): Promise<HostPermission> {
    this.asked.push(`${url} ${id ?? '?'} ${name}`);
    const answer = this.table.get(url);
    if (answer === undefined) return Promise.reject(new PluginError('not-found', `There is no repository ${url}.`));
    return answer === 'away' ? Promise.reject(new PluginError('unavailable', 'The host is away.')) : Promise.resolve(answer);
  }

  find(): never {
    throw new Error('nobody asks that');
  }
  isMember(): never {
    throw new Error('nobody asks that');
  }
  hasMerged(): never {
    throw new Error('nobody asks that');
  }
}

let database: TestDatabase;
let logger: RecordingLogger;
let host: Permissions;
let sync: RoleSync;
let revoked: string[];
let account = 0;
const projects: number[] = [];

beforeAll(async () => {
  database = await testDatabase();
  account = await addAccount(database, 'anna', null);
  await database.pool.query(
    `insert into identities (provider, host_id, account_id, login, linked) values ('github', '77', $1, 'anna-at-github', false)`,
    [account],
  );
  for (const name of ['one', 'two', 'three', 'four']) projects.push(await addProject(database, name, 'github'));
  await addProject(database, 'elsewhere', 'git');
});

afterAll(() => database?.close());

beforeEach(async () => {
  await database.pool.query('delete from project_roles');
  host = new Permissions();
  logger = recordingLogger();
  revoked = [];
  sync = new RoleSync({
    pool: database.pool,
    rules: [{ provider: 'github', scm: 'github' }],
    open: async (id) => {
      const { rows } = await database.pool.query<{ url: string }>('select url from projects where id = $1', [id]);
      return { scm: { people: host }, repository: { url: rows[0]?.url ?? '', credentials: null } };
    },
    revoke: (right) => revoked.push(right),
    logger,
  });
});

async function roles(): Promise<(string | null)[]> {
  const { rows } = await database.pool.query<{ id: number; role: string }>(
    `select project_id as id, role from project_roles where account_id = $1 and source = 'host'`,
    [account],
  );
  return projects.map((id) => rows.find((row) => row.id === id)?.role ?? null);
}

function say(...answers: (HostPermission | 'away')[]): void {
  ['one', 'two', 'three', 'four'].forEach((name, index) => host.table.set(`/nonexistent/${name}`, answers[index] ?? 'none'));
}

describe('at a sign-in', () => {
  test('permissions on the host’s projects become roles, asked for by the host’s own number', async () => {
    say('admin', 'write', 'read', 'none');
    await sync.begin(account);
    expect(await roles()).toEqual(['maintainer', 'developer', 'viewer', null]);
    expect(host.asked.toSorted()).toEqual(['four', 'one', 'three', 'two'].map((name) => `/nonexistent/${name} 77 anna-at-github`));
    expect(revoked).toEqual([`account:${account}`]);
  });

  test('what changed there changes here; what did not disturbs nobody', async () => {
    say('admin', 'write', 'read', 'none');
    await sync.begin(account);
    await sync.begin(account);
    expect(revoked).toHaveLength(1);
    say('read', 'none', 'read', 'write');
    await sync.begin(account);
    expect(await roles()).toEqual(['viewer', null, 'viewer', 'developer']);
    expect(revoked).toHaveLength(2);
  });

  test('where the host cannot say, what it said before stays, and the log says so', async () => {
    say('write', 'write');
    await sync.begin(account);
    say('away', 'none');
    await sync.begin(account);
    expect(await roles()).toEqual(['developer', null, null, null]);
    expect(logger.lines.filter(({ level }) => level === 'warn')).toHaveLength(1);
  });

  test('what people gave is not touched', async () => {
    await database.pool.query(`insert into project_roles (project_id, account_id, source, role) values ($1, $2, 'manual', 'maintainer')`, [
      projects[0],
      account,
    ]);
    say('none');
    await sync.begin(account);
    expect((await database.pool.query('select source, role from project_roles')).rows).toEqual([{ source: 'manual', role: 'maintainer' }]);
  });
});

test('unlinking takes the roles along that the host gave, and what is open with them ends', async () => {
  const other = await addAccount(database, 'otto', null);
  await database.pool.query(
    `insert into identities (provider, host_id, account_id, login, linked) values ('github', '78', $1, 'otto', true), ('another', '1', $1, 'otto', true)`,
    [other],
  );
  await database.pool.query(
    `insert into project_roles (project_id, account_id, source, role) values ($1, $2, 'manual', 'viewer'), ($1, $2, 'host', 'maintainer')`,
    [projects[0], other],
  );
  await new HostAccounts(database, new Audit(database.pool, logger), (right) => revoked.push(right)).unlink(other, 'github');
  expect((await database.pool.query('select source, role from project_roles')).rows).toEqual([{ source: 'manual', role: 'viewer' }]);
  expect(revoked).toEqual([`account:${other}`]);
});

describe('while an account is in use', () => {
  test('it is read again after an hour, by one server only', async () => {
    say('read');
    await sync.begin(account);
    const before = host.asked.length;
    await sync.seen(account);
    expect(host.asked).toHaveLength(before);
    await database.pool.query(`update accounts set roles_read_at = now() - interval '61 minutes' where id = $1`, [account]);
    say('write');
    await Promise.all([sync.seen(account), sync.seen(account), sync.seen(account)]);
    await expect.poll(roles).toEqual(['developer', null, null, null]);
    expect(host.asked).toHaveLength(before + 4);
  });

  test('of an account that no host knows nothing is read', async () => {
    const other = await addAccount(database, 'local', null);
    await sync.seen(other);
    expect(host.asked).toEqual([]);
  });
});

test('what hosts said counts only while they are asked', async () => {
  say('write', 'write');
  await sync.begin(account);
  await sync.forgetUnasked();
  expect(await roles()).toEqual(['developer', 'developer', null, null]);
  await new RoleSync({
    pool: database.pool,
    rules: [],
    open: () => Promise.reject(new Error('nobody asks')),
    revoke: () => undefined,
    logger,
  }).forgetUnasked();
  expect(await roles()).toEqual([null, null, null, null]);
});
