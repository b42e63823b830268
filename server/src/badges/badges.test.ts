import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Change } from '#plugins/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { change, insertProject } from '../builds/testing/rows.ts';
import { Badges } from './badges.ts';

let database: TestDatabase;
let badges: Badges;
let projectId: number;
let number: number;

beforeAll(async () => {
  database = await testDatabase();
  badges = new Badges(database.pool);
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  projectId = await insertProject(database);
  await database.pool.query(`update projects set default_branch = 'main' where id = $1`, [projectId]);
  number = 0;
});

/** A build's row as it stands once it came to that; newer than those before. */
async function build(state: string, changed: Partial<Change> = {}): Promise<void> {
  number += 1;
  const built = change(changed);
  const isOver = state !== 'queued' && state !== 'running';
  await database.pool.query(
    `insert into builds (project_id, number, state, change, branch, stages, messages, fast_finish, finished_at)
       values ($1, $2, $3, $4, $5, '[]', '[]', false, case when $6 then now() end)`,
    [projectId, number, state, JSON.stringify(built), built.branch, isOver],
  );
}

describe('the state of a branch', () => {
  test('is unknown before anything was built, and of a branch that nobody knows', async () => {
    expect(await badges.stateOf(projectId, null)).toBe('unknown');
    await build('passed');
    expect(await badges.stateOf(projectId, 'nowhere')).toBe('unknown');
  });

  test.each(['passed', 'failed', 'errored', 'canceled'])('is %s where its newest finished build is', async (state) => {
    await build('passed');
    await build('failed');
    await build(state);
    await build('running');
    await build('queued');
    expect(await badges.stateOf(projectId, null)).toBe(state);
    expect(await badges.stateOf(projectId, 'main')).toBe(state);
  });

  test('is running only until the first build is over', async () => {
    await build('queued');
    expect(await badges.stateOf(projectId, null)).toBe('running');
    await build('passed');
    await build('running');
    expect(await badges.stateOf(projectId, null)).toBe('passed');
  });

  test('is its own: other branches, tags of its name and pull requests into it do not count', async () => {
    await build('passed');
    await build('failed', { branch: 'side' });
    await build('failed', { kind: 'tag', tag: 'main' });
    await build('failed', { kind: 'pull-request' });
    await build('running', { kind: 'pull-request', branch: 'fresh' });
    expect(await badges.stateOf(projectId, 'main')).toBe('passed');
    expect(await badges.stateOf(projectId, 'side')).toBe('failed');
    expect(await badges.stateOf(projectId, 'fresh')).toBe('unknown');
  });

  test('counts what was started by a schedule or by hand', async () => {
    await build('passed');
    await build('failed', { kind: 'schedule' });
    expect(await badges.stateOf(projectId, null)).toBe('failed');
    await build('passed', { kind: 'manual' });
    expect(await badges.stateOf(projectId, null)).toBe('passed');
  });

  test('is unknown without a branch where no default one is known', async () => {
    await build('passed');
    await database.pool.query('update projects set default_branch = null where id = $1', [projectId]);
    expect(await badges.stateOf(projectId, null)).toBe('unknown');
  });

  test('is not told of a project that is not there', async () => {
    expect(await badges.stateOf(2_000_000_000, null)).toBe('unknown');
  });
});
