import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { JobSpec } from '#plugins/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { withTransaction } from '../database/index.ts';
import { Neighbours } from '../database/neighbours.ts';
import { Builds } from './builds.service.ts';
import { addJobs } from './sql/add-jobs.ts';
import { assign, buildOf, finish, insertProject, jobsOf, jobSpec, LAX, newBuild } from './testing/rows.ts';

const owner = randomUUID();
const PLANS = { file: 'noxfile.py', answer: 'home/answer', stage: 'test', otherwise: 'all' };
const ASKING = jobSpec('ask', { stage: 'ask', plans: PLANS });
const FOUND = [jobSpec('one'), jobSpec('two', { requirements: { system: 'linux', architecture: null, interpreter: '3.9', image: null } })];
let database: TestDatabase;
let builds: Builds;
let buildId: number;

beforeAll(async () => {
  database = await testDatabase();
});
afterAll(async () => {
  await database?.close();
});
beforeEach(async () => {
  const events = new DomainEvents();
  builds = new Builds(database, events, new Neighbours(database, events, owner));
  buildId = await created([ASKING]);
});

async function created(jobs: readonly JobSpec[], stages = ['ask', 'test']): Promise<number> {
  const build = newBuild(await insertProject(database), jobs);
  return await builds.create({ ...build, plan: { ...build.plan, stages } });
}

async function states(): Promise<[string, string][]> {
  return (await jobsOf(database, buildId)).map(({ name, state }) => [name, state]);
}

/** As the asking job ends: with what it has found out, in one transaction. */
async function add(attemptId: number): Promise<void> {
  const messages = [{ level: 'info' as const, text: 'found', path: '', line: null, column: null }];
  await withTransaction(database, (client) => addJobs(client, attemptId, { jobs: FOUND, messages }, LAX));
}

async function asked(): Promise<number> {
  const { rows } = await database.pool.query<{ id: number }>('select id from jobs where build_id = $1 and position = 1', [buildId]);
  const [attempt] = await assign(database, owner, [rows[0]?.id ?? 0]);
  return attempt?.attemptId ?? 0;
}

describe('jobs that another has found out', () => {
  test('wait for their stage, which begins when it has passed, and count for the build', async () => {
    const attempt = await asked();
    await add(attempt);
    expect(await states()).toEqual([
      ['ask', 'starting'],
      ['one', 'waiting'],
      ['two', 'waiting'],
    ]);
    await finish(database, owner, attempt, 'passed');
    expect(await states()).toEqual([
      ['ask', 'passed'],
      ['one', 'queued'],
      ['two', 'queued'],
    ]);
    expect(await buildOf(database, buildId)).toMatchObject({ state: 'running', finished: false });
    const { rows } = await database.pool.query('select messages from builds where id = $1', [buildId]);
    expect(rows).toEqual([{ messages: [expect.objectContaining({ text: 'found' })] }]);
  });

  test('are not there twice', async () => {
    const attempt = await asked();
    await add(attempt);
    await add(attempt);
    expect(await states()).toHaveLength(3);
  });

  test('of a job that was to be cancelled are cancelled, and so is the build', async () => {
    const attempt = await asked();
    await builds.cancelBuild(buildId);
    await add(attempt);
    await finish(database, owner, attempt, 'passed');
    expect(await states()).toEqual([
      ['ask', 'passed'],
      ['one', 'canceled'],
      ['two', 'canceled'],
    ]);
    expect(await buildOf(database, buildId)).toMatchObject({ state: 'canceled', finished: true });
    await builds.restartBuild(buildId);
    expect((await states()).map(([, state]) => state)).toEqual(['passed', 'queued', 'queued']);
  });

  test('of a change that is approved are run as such', async () => {
    await database.pool.query(`update builds set trust = 'approved' where id = $1`, [buildId]);
    await add(await asked());
    const { rows } = await database.pool.query<{ shape: string }>(
      `select distinct shape::jsonb->>7 as shape from jobs where build_id = $1 and position > 1`,
      [buildId],
    );
    expect(rows).toEqual([{ shape: 'approved' }]);
  });

  test('may only come in a later stage of its plan', async () => {
    await expect(created([ASKING], ['ask'])).rejects.toThrow('does not list after its own');
    await expect(created([ASKING], ['test', 'ask'])).rejects.toThrow('does not list after its own');
    await expect(created([ASKING, jobSpec('other')])).rejects.toThrow('must have no other jobs');
    await expect(created([ASKING, { ...ASKING, name: 'again' }])).rejects.toThrow('must have no other jobs');
  });
});
