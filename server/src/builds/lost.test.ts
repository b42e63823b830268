import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { withTransaction } from '../database/index.ts';
import { Neighbours } from '../database/neighbours.ts';
import { loadAttempts } from '../execution/load-attempt.ts';
import { BuildViews } from './build-views.ts';
import { Builds } from './builds.service.ts';
import { advanceBuild } from './sql/advance-build.ts';
import { type EndedJob, finishAttempts, markRunning } from './sql/move-attempt.ts';
import { queueWindow } from './sql/queue-window.ts';
import { assign, buildOf, finish, insertProject, jobsOf, jobSpec, newBuild, runJob } from './testing/rows.ts';

const owner = randomUUID();
const REASON = 'its machine was lost: gone';
const AGAIN = 'its machine was lost (attempt 1): gone; tries again';
let database: TestDatabase;
let builds: Builds;
let buildId: number;
let jobId: number;

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  const events = new DomainEvents();
  builds = new Builds(database, events, new Neighbours(database, events, owner));
  buildId = await builds.create(newBuild(await insertProject(database), [jobSpec('a')]));
  jobId = (await jobsOf(database, buildId))[0]?.id ?? 0;
});

async function begin(): Promise<number> {
  const [attempt] = await assign(database, owner, [jobId]);
  if (attempt === undefined) throw new Error('the job is not queued');
  await database.pool.query(`update builds set state = 'running', started_at = now() where id = $1`, [buildId]);
  return attempt.attemptId;
}

/** Says that an attempt has lost its machine, as the executor does. */
async function lose(attemptId: number, again: string | null = AGAIN): Promise<EndedJob | null> {
  return await withTransaction(database, async (client) => {
    const [job = null] = await finishAttempts(client, owner, [{ attemptId, verdict: 'errored', reason: REASON, logSize: 7, loss: { again } }]);
    if (job !== null && !job.again) await advanceBuild(client, job.buildId);
    return job;
  });
}

async function attempts(): Promise<unknown[]> {
  const { rows } = await database.pool.query(
    'select number, state, reason, lost, finished_at is not null as ended from attempts where job_id = $1 order by number',
    [jobId],
  );
  return rows;
}

async function lossesOf(attemptId: number): Promise<number | undefined> {
  return (await loadAttempts(database.pool, owner, [attemptId])).attempts[0]?.losses;
}

describe('a job that has lost its machine', () => {
  test.each(['starting', 'running'])('while %s is queued again, and its build goes on', async (state) => {
    const attemptId = await begin();
    if (state === 'running') await withTransaction(database, (client) => markRunning(client, [attemptId], owner));
    expect((await jobsOf(database, buildId))[0]?.state).toBe(state);
    expect(await lose(attemptId)).toEqual({ attemptId, jobId, buildId, again: true });
    expect(await jobsOf(database, buildId)).toEqual([{ id: jobId, name: 'a', state: 'queued', reason: AGAIN, attempt: 1 }]);
    expect(await attempts()).toEqual([{ number: 1, state: 'errored', reason: REASON, lost: true, ended: true }]);
    expect(await buildOf(database, buildId)).toMatchObject({ state: 'running', started: true, finished: false });
    const { rows } = await database.pool.query('select started_at, finished_at from jobs where id = $1', [jobId]);
    expect(rows).toEqual([{ started_at: null, finished_at: null }]);
  });

  test('keeps its place in the queue, before jobs that came after it', async () => {
    const attemptId = await begin();
    const { rows } = await database.pool.query<{ projectId: number }>('select project_id as "projectId" from builds where id = $1', [buildId]);
    const later = await builds.create(newBuild(rows[0]?.projectId ?? 0, [jobSpec('b')]));
    await lose(attemptId);
    const [second] = await jobsOf(database, later);
    const waiting = (await queueWindow(database.pool, 10)).map((row) => row.id).filter((id) => id === jobId || id === second?.id);
    expect(waiting).toEqual([jobId, second?.id]);
  });

  test('says why it is tried again, and what it waits for', async () => {
    const views = new BuildViews(database.pool);
    await lose(await begin());
    expect(await views.jobs([jobId])).toEqual([expect.objectContaining({ state: 'queued', reason: AGAIN })]);
    views.explainBy(() => 'waits for its turn');
    expect(await views.jobs([jobId])).toEqual([expect.objectContaining({ reason: `${AGAIN}; waits for its turn` })]);
    expect(await views.jobs([jobId], () => 'begins now')).toEqual([expect.objectContaining({ reason: `${AGAIN}; begins now` })]);
  });

  test('begins a new attempt, and what comes late of the old one is refused', async () => {
    const old = await begin();
    await lose(old);
    const young = await begin();
    expect((await jobsOf(database, buildId))[0]).toMatchObject({ state: 'starting', reason: null, attempt: 2 });
    expect(await lose(old)).toBeNull();
    expect(await withTransaction(database, (client) => finishAttempts(client, owner, [verdict(old)]))).toEqual([]);
    expect(await withTransaction(database, (client) => markRunning(client, [old], owner))).toEqual(new Set());
    expect((await jobsOf(database, buildId))[0]?.state).toBe('starting');
    await finish(database, owner, young, 'passed');
    expect(await buildOf(database, buildId)).toMatchObject({ state: 'passed', finished: true });
    expect(await attempts()).toEqual([
      { number: 1, state: 'errored', reason: REASON, lost: true, ended: true },
      { number: 2, state: 'passed', reason: null, lost: false, ended: true },
    ]);
  });

  test('is refused a loss by whoever does not own the attempt', async () => {
    const attemptId = await begin();
    const end = { ...verdict(attemptId), loss: { again: AGAIN } };
    expect(await withTransaction(database, (client) => finishAttempts(client, randomUUID(), [end]))).toEqual([]);
    expect((await jobsOf(database, buildId))[0]?.state).toBe('starting');
  });

  test('and is to be cancelled is cancelled, not tried again', async () => {
    const attemptId = await begin();
    await builds.cancelJob(jobId);
    expect(await lose(attemptId)).toMatchObject({ again: false });
    expect((await jobsOf(database, buildId))[0]).toMatchObject({ state: 'canceled', reason: 'cancelled by hand' });
    expect(await attempts()).toEqual([{ number: 1, state: 'canceled', reason: 'cancelled by hand', lost: false, ended: true }]);
    expect(await buildOf(database, buildId)).toMatchObject({ state: 'canceled', finished: true });
  });

  test('and waits again is cancelled at once', async () => {
    await lose(await begin());
    await builds.cancelBuild(buildId);
    expect((await jobsOf(database, buildId))[0]).toMatchObject({ state: 'canceled', reason: 'cancelled by hand' });
    expect(await buildOf(database, buildId)).toMatchObject({ state: 'canceled', finished: true });
  });

  test('too often is errored with its attempt', async () => {
    expect(await lose(await begin(), null)).toMatchObject({ again: false });
    expect((await jobsOf(database, buildId))[0]).toMatchObject({ state: 'errored', reason: REASON });
    expect(await attempts()).toEqual([{ number: 1, state: 'errored', reason: REASON, lost: true, ended: true }]);
    expect(await buildOf(database, buildId)).toMatchObject({ state: 'errored', finished: true });
  });

  test('of one stage does not keep another verdict from its build, nor let the next stage begin', async () => {
    const stages = [jobSpec('a', { stage: 'one' }), jobSpec('b', { stage: 'one' }), jobSpec('c', { stage: 'two' })];
    buildId = await builds.create(newBuild(await insertProject(database), stages));
    jobId = (await jobsOf(database, buildId))[0]?.id ?? 0;
    await lose(await begin());
    await runJob(database, owner, buildId, 'b', 'passed');
    expect((await jobsOf(database, buildId)).map((job) => job.state)).toEqual(['queued', 'passed', 'waiting']);
    expect(await buildOf(database, buildId)).toMatchObject({ state: 'running', finished: false });
    await runJob(database, owner, buildId, 'a', 'passed');
    expect((await jobsOf(database, buildId)).map((job) => job.state)).toEqual(['passed', 'passed', 'queued']);
  });
});

describe('losses are counted', () => {
  test('one after the other, and from nothing after a restart by hand', async () => {
    for (const losses of [0, 1, 2, 3]) {
      const attemptId = await begin();
      expect(await lossesOf(attemptId)).toBe(losses);
      await lose(attemptId, losses < 3 ? AGAIN : null);
    }
    await builds.restartJob(jobId);
    const fifth = await begin();
    expect(await lossesOf(fifth)).toBe(0);
    await lose(fifth);
    const sixth = await begin();
    expect(await lossesOf(sixth)).toBe(1);
  });

  test('not across a cancellation and a restart, nor from one job to another', async () => {
    await lose(await begin());
    await builds.cancelJob(jobId);
    await builds.restartJob(jobId);
    expect(await lossesOf(await begin())).toBe(0);
    buildId = await builds.create(newBuild(await insertProject(database), [jobSpec('a')]));
    jobId = (await jobsOf(database, buildId))[0]?.id ?? 0;
    expect(await lossesOf(await begin())).toBe(0);
  });
});

function verdict(attemptId: number): Parameters<typeof finishAttempts>[2][number] {
  return { attemptId, verdict: 'failed', reason: null, logSize: 0 };
}
