import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Verdict } from '#server/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { Neighbours } from '../database/neighbours.ts';
import { DomainEvents } from '../common/domain-events.ts';
import { withTransaction } from '../database/index.ts';
import { takeOverAttempts, renewLeases } from '../execution/load-attempt.ts';
import { Builds } from './builds.service.ts';
import { advanceBuild } from './sql/advance-build.ts';
import { assignJobs } from './sql/assign-jobs.ts';
import { failQueued } from './sql/fail-queued.ts';
import { finishAttempts, markRunning } from './sql/move-attempt.ts';
import { assign, buildOf, change, insertMachines, insertProject, jobsOf, jobSpec, newBuild } from './testing/rows.ts';

let database: TestDatabase;
let events: DomainEvents;
let builds: Builds;
let projectId: number;
const owner = randomUUID();

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  await database?.close();
});

beforeEach(async () => {
  events = new DomainEvents();
  builds = new Builds(database, events, new Neighbours(database, events, owner));
  projectId = await insertProject(database);
});

/** Three stages of one, two and one jobs. */
const STAGED = [jobSpec('a', { stage: 'one' }), jobSpec('b', { stage: 'two' }), jobSpec('c', { stage: 'two' }), jobSpec('d', { stage: 'three' })];

async function states(buildId: number): Promise<string[]> {
  return (await jobsOf(database, buildId)).map((job) => job.state);
}

/** Writes a verdict as the executor does. */
async function finish(attemptId: number, verdict: Verdict, by = owner): Promise<{ jobId: number; buildId: number } | null> {
  return await withTransaction(database, async (client) => {
    const [job = null] = await finishAttempts(client, by, [{ attemptId, verdict, reason: null, logSize: 5 }]);
    if (job !== null) await advanceBuild(client, job.buildId);
    return job;
  });
}

/** How many deadlocks PostgreSQL has had to end in this database. */
async function deadlocks(): Promise<number> {
  const { rows } = await database.pool.query<{ deadlocks: number }>(
    'select pg_stat_force_next_flush(), pg_stat_get_db_deadlocks(oid)::int as deadlocks from pg_database where datname = current_database()',
  );
  return rows[0]?.deadlocks ?? 0;
}

/** Says that an attempt runs, as the executor does. */
async function begin(attemptId: number, by = owner): Promise<boolean> {
  return await withTransaction(database, async (client) => (await markRunning(client, [attemptId], by)).has(attemptId));
}

/** Runs jobs of a build to a verdict, by their names. */
async function run(buildId: number, names: string, verdict: Verdict): Promise<void> {
  const wanted = (await jobsOf(database, buildId)).filter((job) => names.includes(job.name));
  const attempts = await assign(
    database,
    owner,
    wanted.map((job) => job.id),
  );
  expect(attempts).toHaveLength(names.length);
  for (const { attemptId } of attempts) expect(await finish(attemptId, verdict)).not.toBeNull();
}

describe('a new build', () => {
  test('is numbered by project, with its first stage queued and the rest waiting', async () => {
    const ids = [await builds.create(newBuild(projectId, STAGED)), await builds.create(newBuild(projectId, STAGED))];
    expect((await Promise.all(ids.map((id) => buildOf(database, id)))).map((build) => build.number)).toEqual([1, 2]);
    expect(await states(ids[0] ?? 0)).toEqual(['queued', 'waiting', 'waiting', 'waiting']);
    expect(await buildOf(database, ids[0] ?? 0)).toMatchObject({ state: 'queued', started: false, finished: false });
  });

  test('without jobs is errored at once', async () => {
    expect(await buildOf(database, await builds.create(newBuild(projectId, [])))).toMatchObject({ state: 'errored', finished: true });
  });

  test('made many times at once gets every number once', async () => {
    const ids = await Promise.all(Array.from({ length: 12 }, () => builds.create(newBuild(projectId, [jobSpec('a')]))));
    const numbers = (await Promise.all(ids.map((id) => buildOf(database, id)))).map((build) => build.number);
    expect(numbers.toSorted((one, other) => one - other)).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });

  test('whose job names a stage that is not listed leaves nothing behind', async () => {
    const build = newBuild(projectId, [jobSpec('a')]);
    await expect(builds.create({ ...build, plan: { ...build.plan, stages: ['other'] } })).rejects.toThrow('stage');
    const { rows } = await database.pool.query('select 1 from builds where project_id = $1', [projectId]);
    expect(rows).toEqual([]);
  });
});

describe('assigning', () => {
  test('two callers at once never give a job or a machine twice', async () => {
    const id = await builds.create(
      newBuild(
        projectId,
        Array.from({ length: 40 }, (_, index) => jobSpec(`j${index}`)),
      ),
    );
    const jobs = await jobsOf(database, id);
    const ids = await insertMachines(database, owner, 40);
    // Each caller pairs the same jobs with the same machines, in another order.
    const pairs = jobs.map((job, index) => ({ jobId: job.id, machineId: ids[index] ?? '', isolation: 'none' }));
    const crossed = jobs.map((job, index) => ({ jobId: job.id, machineId: ids[39 - index] ?? '', isolation: 'none' }));
    const callers = [pairs, crossed, pairs.toReversed(), crossed.toReversed()];
    const given = (await Promise.all(callers.map((some) => withTransaction(database, (client) => assignJobs(client, owner, 60, some))))).flat();
    expect(new Set(given.map((one) => one.jobId)).size).toBe(given.length);
    expect(new Set(given.map((one) => one.machineId)).size).toBe(given.length);
    expect(given.length).toBeGreaterThan(0);
    const { rows } = await database.pool.query<{ attempts: number; assigned: number; starting: number }>(
      `select (select count(*)::int from attempts a join jobs j on j.id = a.job_id where j.build_id = $1) as attempts,
         (select count(*)::int from machines where id = any($2) and state = 'assigned') as assigned,
         (select count(*)::int from jobs where build_id = $1 and state = 'starting' and attempt = 1) as starting`,
      [id, ids],
    );
    expect(rows).toEqual([{ attempts: given.length, assigned: given.length, starting: given.length }]);
  });

  test('remembers where the machine is and what it was made from', async () => {
    const id = await builds.create(newBuild(projectId, [jobSpec('a'), jobSpec('b')]));
    const [a, b] = await jobsOf(database, id);
    const [known = '', plain = ''] = await insertMachines(database, owner, 2);
    await database.pool.query(`update machines set host = 'vh-1', image = 'debian-12', image_digest = 'd1' where id = $1`, [known]);
    const pairs = [
      { jobId: a?.id ?? 0, machineId: known, isolation: 'vm' },
      { jobId: b?.id ?? 0, machineId: plain, isolation: 'none' },
    ];
    await withTransaction(database, (client) => assignJobs(client, owner, 60, pairs));
    await database.pool.query('delete from machines where id = any($1)', [[known, plain]]);
    const { rows } = await database.pool.query(
      'select machine_id as machine, isolation, host, image, image_digest as digest from attempts where job_id = any($1) order by job_id',
      [[a?.id, b?.id]],
    );
    expect(rows).toEqual([
      { machine: known, isolation: 'vm', host: 'vh-1', image: 'debian-12', digest: 'd1' },
      { machine: plain, isolation: 'none', host: null, image: 'local', digest: null },
    ]);
  });

  test('passes over a job that is not queued, and a machine that is not ready or not ours', async () => {
    const id = await builds.create(newBuild(projectId, STAGED));
    const [queued, waiting] = await jobsOf(database, id);
    const [machine = ''] = await insertMachines(database, owner, 1);
    const [foreign = ''] = await insertMachines(database, randomUUID(), 1);
    const give = (jobId: number, machineId: string): Promise<unknown[]> =>
      withTransaction(database, (client) => assignJobs(client, owner, 60, [{ jobId, machineId, isolation: 'none' }]));
    expect(await give(waiting?.id ?? 0, machine)).toEqual([]);
    expect(await give(queued?.id ?? 0, foreign)).toEqual([]);
    expect(await states(id)).toEqual(['queued', 'waiting', 'waiting', 'waiting']);
    expect(await give(queued?.id ?? 0, machine)).toEqual([expect.objectContaining({ jobId: queued?.id, machineId: machine, number: 1 })]);
    expect(await give(queued?.id ?? 0, machine)).toEqual([]);
  });
});

describe('a verdict', () => {
  test('of a cancelled job says why it was cancelled', async () => {
    const id = await builds.create(newBuild(projectId, [jobSpec('a')]));
    const [job] = await jobsOf(database, id);
    const [attempt] = await assign(database, owner, [job?.id ?? 0]);
    await builds.cancelBuild(id, 'because');
    await finish(attempt?.attemptId ?? 0, 'canceled');
    expect(await jobsOf(database, id)).toEqual([expect.objectContaining({ state: 'canceled', reason: 'because' })]);
  });

  test('is refused from a wrong owner, and twice', async () => {
    const id = await builds.create(newBuild(projectId, [jobSpec('a')]));
    const [attempt] = await assign(database, owner, [(await jobsOf(database, id))[0]?.id ?? 0]);
    const attemptId = attempt?.attemptId ?? 0;
    expect(await begin(attemptId, randomUUID())).toBe(false);
    expect(await begin(attemptId)).toBe(true);
    expect(await begin(attemptId)).toBe(true);
    expect(await finish(attemptId, 'passed', randomUUID())).toBeNull();
    expect(await states(id)).toEqual(['running']);
    expect(await finish(attemptId, 'failed')).toMatchObject({ jobId: attempt?.jobId, buildId: id });
    expect(await finish(attemptId, 'passed')).toBeNull();
    expect(await begin(attemptId)).toBe(false);
    expect(await states(id)).toEqual(['failed']);
    expect(await buildOf(database, id)).toMatchObject({ state: 'failed', finished: true });
  });

  test('of an old attempt does not touch the new one', async () => {
    const id = await builds.create(newBuild(projectId, [jobSpec('a')]));
    const [job] = await jobsOf(database, id);
    const [old] = await assign(database, owner, [job?.id ?? 0]);
    await database.pool.query(`update jobs set state = 'errored', finished_at = now() where id = $1`, [job?.id]);
    await builds.restartJob(job?.id ?? 0);
    const [young] = await assign(database, owner, [job?.id ?? 0]);
    expect(young?.number).toBe(2);
    expect(await finish(old?.attemptId ?? 0, 'failed')).toBeNull();
    expect(await states(id)).toEqual(['starting']);
    expect(await finish(young?.attemptId ?? 0, 'passed')).not.toBeNull();
    expect(await states(id)).toEqual(['passed']);
  });

  test('from many at once counts once', async () => {
    const id = await builds.create(newBuild(projectId, [jobSpec('a')]));
    const [attempt] = await assign(database, owner, [(await jobsOf(database, id))[0]?.id ?? 0]);
    const told = await Promise.all(Array.from({ length: 8 }, () => finish(attempt?.attemptId ?? 0, 'passed')));
    expect(told.filter((one) => one !== null)).toHaveLength(1);
  });
});

describe('a build follows its jobs', () => {
  test('through its stages', async () => {
    const id = await builds.create(newBuild(projectId, STAGED));
    await run(id, 'a', 'passed');
    expect(await states(id)).toEqual(['passed', 'queued', 'queued', 'waiting']);
    await run(id, 'b', 'passed');
    expect(await states(id)).toEqual(['passed', 'passed', 'queued', 'waiting']);
    expect(await buildOf(database, id)).toMatchObject({ state: 'running', finished: false });
    await run(id, 'c', 'passed');
    await run(id, 'd', 'passed');
    expect(await buildOf(database, id)).toMatchObject({ state: 'passed', finished: true, started: true });
  });

  test('and skips what comes after a failure, but not after one that is allowed', async () => {
    const bad = await builds.create(newBuild(projectId, STAGED));
    await run(bad, 'a', 'failed');
    expect(await states(bad)).toEqual(['failed', 'skipped', 'skipped', 'skipped']);
    const fine = await builds.create(newBuild(projectId, [jobSpec('a', { stage: 'one', allowFailure: true }), jobSpec('b', { stage: 'two' })]));
    await run(fine, 'a', 'errored');
    expect(await states(fine)).toEqual(['errored', 'queued']);
    await run(fine, 'b', 'passed');
    expect(await buildOf(database, fine)).toMatchObject({ state: 'passed', finished: true });
  });

  test('with fast finish: is finished early, and stays so when the rest ends', async () => {
    const id = await builds.create(newBuild(projectId, [jobSpec('a'), jobSpec('b')], { fastFinish: true }));
    await run(id, 'a', 'failed');
    expect(await buildOf(database, id)).toMatchObject({ state: 'failed', finished: true });
    expect(await states(id)).toEqual(['failed', 'queued']);
    await run(id, 'b', 'passed');
    expect(await buildOf(database, id)).toMatchObject({ state: 'failed', finished: true });
  });

  test('when the last two jobs of a stage end at the same time, the next one begins, once', async () => {
    for (let round = 0; round < 10; round += 1) {
      const id = await builds.create(newBuild(projectId, STAGED));
      await run(id, 'a', 'passed');
      const [, b, c] = await jobsOf(database, id);
      const attempts = await assign(database, owner, [b?.id ?? 0, c?.id ?? 0]);
      await Promise.all(attempts.map(({ attemptId }) => finish(attemptId, 'passed')));
      expect(await states(id)).toEqual(['passed', 'passed', 'passed', 'queued']);
    }
  });

  test('jobs nobody can run are errored with their reason; one that begins meanwhile is left alone', async () => {
    const id = await builds.create(newBuild(projectId, [jobSpec('a'), jobSpec('b')]));
    const [a, b] = await jobsOf(database, id);
    const [attempt] = await assign(database, owner, [b?.id ?? 0]);
    const jobs = [a, b].map((job) => ({ jobId: job?.id ?? 0, reason: 'nobody has it' }));
    expect(await withTransaction(database, (client) => failQueued(client, jobs))).toEqual({ jobIds: [a?.id], buildIds: [id] });
    expect((await jobsOf(database, id)).map((job) => [job.state, job.reason])).toEqual([
      ['errored', 'nobody has it'],
      ['starting', null],
    ]);
    await finish(attempt?.attemptId ?? 0, 'passed');
    expect(await buildOf(database, id)).toMatchObject({ state: 'errored', finished: true });
  });

  test('a job that need not run is skipped where nothing can run it, as long as another of its build runs', async () => {
    const optional = { ifAvailable: true };
    const id = await builds.create(newBuild(await insertProject(database), [jobSpec('a', optional), jobSpec('b', optional), jobSpec('c', optional)]));
    const ids = (await jobsOf(database, id)).map((job) => job.id);
    const fail = (...which: number[]) =>
      withTransaction(database, (client) =>
        failQueued(
          client,
          which.map((index) => ({ jobId: ids[index] ?? 0, reason: 'there is none' })),
        ),
      );
    await fail(0);
    expect((await jobsOf(database, id)).map(({ state }) => state)).toEqual(['skipped', 'queued', 'queued']);
    await fail(1, 2);
    expect((await jobsOf(database, id)).map(({ state }) => state)).toEqual(['skipped', 'errored', 'errored']);
  });
});

describe('cancelling', () => {
  test('ends at once what has no machine, and asks what has', async () => {
    const asked: number[] = [];
    events.on('cancel', (ids) => asked.push(...ids));
    const id = await builds.create(newBuild(projectId, STAGED));
    const [a] = await jobsOf(database, id);
    const [attempt] = await assign(database, owner, [a?.id ?? 0]);
    await builds.cancelBuild(id);
    expect(await states(id)).toEqual(['starting', 'canceled', 'canceled', 'canceled']);
    expect(asked).toEqual([attempt?.attemptId]);
    expect(await renewLeases(database.pool, owner, 60)).toContainEqual({ id: attempt?.attemptId, cancel: true });
    await finish(attempt?.attemptId ?? 0, 'canceled');
    expect(await buildOf(database, id)).toMatchObject({ state: 'canceled', finished: true });
    await builds.cancelBuild(id);
    expect(await states(id)).toEqual(Array.from({ length: 4 }, () => 'canceled'));
  });

  test('one job of a stage skips what comes after; an unknown job or build is not found', async () => {
    const id = await builds.create(newBuild(projectId, STAGED));
    await builds.cancelJob((await jobsOf(database, id))[0]?.id ?? 0);
    expect(await states(id)).toEqual(['canceled', 'skipped', 'skipped', 'skipped']);
    await expect(builds.cancelJob(2_000_000_000)).rejects.toMatchObject({ code: 'not-found' });
    await expect(builds.cancelBuild(2_000_000_000)).rejects.toMatchObject({ code: 'not-found' });
  });

  test('at the same time as jobs begin and end runs into no deadlock', async () => {
    const before = await deadlocks();
    for (let round = 0; round < 8; round += 1) {
      const id = await builds.create(newBuild(projectId, [jobSpec('a'), jobSpec('b'), jobSpec('c')]));
      const attempts = await assign(
        database,
        owner,
        (await jobsOf(database, id)).map((job) => job.id),
      );
      await Promise.all([builds.cancelBuild(id), ...attempts.map(({ attemptId }) => begin(attemptId)), builds.cancelBuild(id)]);
      await Promise.all([builds.cancelBuild(id), ...attempts.map(({ attemptId }) => finish(attemptId, 'passed')), builds.cancelBuild(id)]);
      expect(await buildOf(database, id)).toMatchObject({ state: 'passed', finished: true });
    }
    expect(await deadlocks()).toBe(before);
  });
});

describe('restarting', () => {
  test('a job opens the build and what was skipped after it, not what came before', async () => {
    const id = await builds.create(newBuild(projectId, STAGED));
    await run(id, 'a', 'passed');
    await run(id, 'bc', 'failed');
    expect(await states(id)).toEqual(['passed', 'failed', 'failed', 'skipped']);
    await builds.restartJob((await jobsOf(database, id))[1]?.id ?? 0);
    expect(await states(id)).toEqual(['passed', 'queued', 'failed', 'waiting']);
    expect(await buildOf(database, id)).toMatchObject({ state: 'running', finished: false });
    await run(id, 'b', 'passed');
    expect(await states(id)).toEqual(['passed', 'passed', 'failed', 'skipped']);
    expect(await buildOf(database, id)).toMatchObject({ state: 'failed', finished: true });
  });

  test('a build runs again what did not pass, or everything if all passed', async () => {
    const id = await builds.create(newBuild(projectId, [jobSpec('a'), jobSpec('b')]));
    await run(id, 'a', 'passed');
    await run(id, 'b', 'failed');
    await builds.restartBuild(id);
    expect(await states(id)).toEqual(['passed', 'queued']);
    await run(id, 'b', 'passed');
    await builds.restartBuild(id);
    expect(await states(id)).toEqual(['queued', 'queued']);
    expect(await buildOf(database, id)).toMatchObject({ state: 'queued', started: false, finished: false });
  });

  test('of what runs is a conflict, of what is not there is not found, and of one job by two counts once', async () => {
    const id = await builds.create(newBuild(projectId, [jobSpec('a')]));
    const jobId = (await jobsOf(database, id))[0]?.id ?? 0;
    await expect(builds.restartJob(jobId)).rejects.toMatchObject({ code: 'conflict' });
    await expect(builds.restartBuild(id)).rejects.toMatchObject({ code: 'conflict' });
    await expect(builds.restartJob(2_000_000_000)).rejects.toMatchObject({ code: 'not-found' });
    await run(id, 'a', 'failed');
    const twice = await Promise.allSettled([builds.restartJob(jobId), builds.restartJob(jobId)]);
    expect(twice.map((one) => one.status).toSorted()).toEqual(['fulfilled', 'rejected']);
    expect(await states(id)).toEqual(['queued']);
  });

  test('of a build that is not there is not found', async () => {
    await expect(builds.restartBuild(2_000_000_000)).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a newer build of the branch', () => {
  test.each([
    ['the same branch', change(), 'canceled'],
    ['another branch', change({ branch: 'other' }), 'queued'],
    ['another kind', change({ kind: 'tag', tag: 'v1' }), 'queued'],
  ])('cancels older ones where the project wants it: %s', async (_title, older, state) => {
    const project = await insertProject(database, { cancelSuperseded: true });
    const first = await builds.create(newBuild(project, [jobSpec('a')], { change: older }));
    const second = await builds.create(newBuild(project, [jobSpec('a')]));
    expect(await states(first)).toEqual([state]);
    expect(await states(second)).toEqual(['queued']);
  });

  test('leaves tags, other pull requests, and projects that do not want it alone', async () => {
    const project = await insertProject(database, { cancelSuperseded: true });
    const request = (number: number) => ({
      number,
      title: '',
      headBranch: 'x',
      headCommit: 'b'.repeat(40),
      headRepository: 'o/n',
      author: null,
      baseCommit: null,
      headRef: null,
      headUrl: null,
    });
    const changes = [
      change({ kind: 'tag', tag: 'v1' }),
      change({ kind: 'tag', tag: 'v2' }),
      change({ kind: 'pull-request', pullRequest: request(1) }),
      change({ kind: 'pull-request', pullRequest: request(2) }),
    ];
    const ids = [];
    for (const one of changes) ids.push(await builds.create(newBuild(project, [jobSpec('a')], { change: one })));
    for (const id of ids) expect(await states(id)).toEqual(['queued']);
    const calm = [await builds.create(newBuild(projectId, [jobSpec('a')])), await builds.create(newBuild(projectId, [jobSpec('a')]))];
    for (const id of calm) expect(await states(id)).toEqual(['queued']);
  });
});

describe('taking over', () => {
  test('gives every attempt without an end to the new owner, and refuses the old one from then on', async () => {
    const id = await builds.create(newBuild(projectId, [jobSpec('a'), jobSpec('b')]));
    const attempts = await assign(
      database,
      owner,
      (await jobsOf(database, id)).map((job) => job.id),
    );
    await finish(attempts[0]?.attemptId ?? 0, 'passed');
    const next = randomUUID();
    const taken = await takeOverAttempts(database.pool, next, 60);
    expect(taken).toContain(attempts[1]?.attemptId);
    expect(taken).not.toContain(attempts[0]?.attemptId);
    expect(await renewLeases(database.pool, owner, 60)).toEqual([]);
    expect(await finish(attempts[1]?.attemptId ?? 0, 'failed')).toBeNull();
    expect(await finish(attempts[1]?.attemptId ?? 0, 'passed', next)).not.toBeNull();
    expect(await states(id)).toEqual(['passed', 'passed']);
  });
});
