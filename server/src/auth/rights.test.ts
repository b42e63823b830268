import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isAtLeast, lowerRole, Role, roleOfScopes } from '#server/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import type { Asker } from './asker.ts';
import { Rights } from './rights.ts';
import { addAccount, addProject } from './testing/rows.ts';

let database: TestDatabase;
let rights: Rights;
let [seen, hidden, both] = [0, 0, 0];
let account = 0;

beforeAll(async () => {
  database = await testDatabase();
  rights = new Rights(database.pool, false);
  [seen, hidden, both] = [await addProject(database, 'seen'), await addProject(database, 'hidden'), await addProject(database, 'both')];
  account = await addAccount(database, 'anna', null);
  await database.pool.query(
    `insert into project_roles (project_id, account_id, source, role) values ($1, $3, 'manual', 'developer'), ($2, $3, 'manual', 'viewer'), ($2, $3, 'host', 'maintainer')`,
    [seen, both, account],
  );
});

afterAll(() => database?.close());

function anna(changes: Partial<Asker> = {}): Asker {
  return { account, name: 'anna', role: null, right: 'session:1', mayShell: false, limits: null, ...changes };
}

describe('the role on a project', () => {
  test('is what it was given there, the higher of what people and the code host say', async () => {
    expect(await rights.roleOn(anna(), seen)).toBe('developer');
    expect(await rights.roleOn(anna(), both)).toBe('maintainer');
    expect(await rights.roleOn(anna(), hidden)).toBeNull();
    expect(await rights.roleOn(anna(), 2_000_000_000)).toBeNull();
  });

  test.each(Role.options)('is the higher of that and %s for the installation', async (role) => {
    expect(await rights.roleOn(anna({ role }), hidden)).toBe(role);
    expect(await rights.roleOn(anna({ role }), seen)).toBe(isAtLeast(role, 'developer') ? role : 'developer');
  });

  test.each(Role.options)('is no more than a token with the ceiling %s may', async (ceiling) => {
    const limits = { ceiling, projects: null };
    expect(await rights.roleOn(anna({ limits }), both)).toBe(lowerRole(ceiling, 'maintainer'));
    expect(await rights.roleOn(anna({ limits, role: 'admin' }), hidden)).toBe(ceiling);
    expect(await rights.roleOn(anna({ limits }), hidden)).toBeNull();
  });

  test('is nothing outside the projects of a token, nor anything for the installation, even for an admin', async () => {
    const asker = anna({ role: 'admin', limits: { ceiling: 'admin', projects: [seen] } });
    expect(await rights.roleOn(asker, seen)).toBe('admin');
    expect(await rights.roleOn(asker, both)).toBeNull();
    expect(rights.everywhere(asker)).toBeNull();
    expect(await rights.readable(asker)).toEqual(new Set([seen]));
  });
});

describe('what is refused', () => {
  test('a project he may not read is not there; one he may read says what is missing', async () => {
    await expect(rights.assert(anna(), hidden, 'viewer')).rejects.toMatchObject({ code: 'not-found', message: `There is no project ${hidden}.` });
    await expect(rights.assert(anna(), seen, 'maintainer')).rejects.toMatchObject({
      code: 'forbidden',
      message: 'This needs the role maintainer on the project; yours is developer.',
    });
    await rights.assert(anna(), seen, 'developer');
  });

  test('a build or job of such a project is told apart from none in nothing', async () => {
    const { rows } = await database.pool.query<{ id: number }>(
      `insert into builds (project_id, number, state, change, branch, stages, messages, fast_finish) values ($1, 1, 'passed', '{}', 'main', '[]', '[]', false)
       returning id`,
      [hidden],
    );
    const id = rows[0]?.id ?? 0;
    await expect(rights.assertAt(anna(), 'build', id, 'viewer')).rejects.toMatchObject({ code: 'not-found', message: `There is no build ${id}.` });
    await expect(rights.assertAt(anna(), 'build', 77, 'viewer')).rejects.toMatchObject({ code: 'not-found', message: 'There is no build 77.' });
    expect(await rights.assertAt(anna({ role: 'viewer' }), 'build', id, 'viewer')).toBe(hidden);
  });

  test('the installation', () => {
    expect(() => rights.assertEverywhere(anna(), 'viewer')).toThrow('you have none');
    expect(() => rights.assertEverywhere(anna({ role: 'maintainer' }), 'admin')).toThrow('yours is maintainer');
    rights.assertEverywhere(anna({ role: 'admin' }), 'admin');
  });
});

describe('what may be read', () => {
  test('by somebody with roles on projects only, by one with a role everywhere', async () => {
    expect(await rights.readable(anna())).toEqual(new Set([seen, both]));
    expect(await rights.readable(anna({ role: 'viewer' }))).toBe('all');
  });

  test('where the installation is public everybody reads everything and may nothing else', async () => {
    const open = new Rights(database.pool, true);
    const nobody = anna({ account: null, name: 'anybody' });
    expect(await open.readable(nobody)).toBe('all');
    expect(await open.roleOn(nobody, hidden)).toBe('viewer');
    expect(await open.roleOn(anna(), both)).toBe('maintainer');
    await expect(open.assert(nobody, hidden, 'developer')).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('nobody in particular reads nothing elsewhere', async () => {
    expect(await rights.readable(anna({ account: null }))).toEqual(new Set());
  });
});

test.each([
  [['read'], 'viewer'],
  [['shell'], 'viewer'],
  [['shell', 'build'], 'developer'],
  [['read', 'maintain'], 'maintainer'],
  [['admin', 'read'], 'admin'],
] as const)('the scopes %j allow what a %s may', (scopes, role) => {
  expect(roleOfScopes(scopes)).toBe(role);
});
