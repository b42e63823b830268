import { randomUUID } from 'node:crypto';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { JobState, type BuildState } from '#server/api';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { withTransaction } from '../database/index.ts';
import { type JobOutcome, decideBuild } from './decide-build.ts';
import { advanceBuild } from './sql/advance-build.ts';
import { insertBuild } from './sql/insert-build.ts';
import { assign, buildOf, finish, insertProject, jobsOf, jobSpec, newBuild } from './testing/rows.ts';

const JOBS = 10_000;
const owner = randomUUID();
let database: TestDatabase;
let large: number;

beforeAll(async () => {
  database = await testDatabase();
  const projectId = await insertProject(database);
  const jobs = Array.from({ length: JOBS }, (_, index) => jobSpec(`j${index}`, { stage: index < JOBS / 2 ? 'one' : 'two' }));
  large = await withTransaction(database, (client) => insertBuild(client, newBuild(projectId, jobs)));
});

afterAll(async () => {
  await database?.close();
});

/** Every job state by the number of the job: what a build of three jobs may look like, whether or not it could come about. */
function* combinations(): Generator<JobState[]> {
  for (const one of JobState.options) for (const other of JobState.options) for (const third of JobState.options) yield [one, other, third];
}

describe('a build after one of its jobs moved', () => {
  test.each([
    ['plainly', false],
    ['with fast finish', true],
  ])('is what decideBuild says, however its jobs stand (%s)', async (_title, fastFinish) => {
    const projectId = await insertProject(database);
    const stages = [jobSpec('a', { stage: 'one' }), jobSpec('b', { stage: 'one', allowFailure: true }), jobSpec('c', { stage: 'two' })];
    const id = await withTransaction(database, (client) => insertBuild(client, newBuild(projectId, stages, { fastFinish })));
    await withTransaction(database, async (client) => {
      for (const states of combinations()) {
        await stand(client, id, states);
        const decision = decideBuild(outcomes(states), fastFinish);
        await advanceBuild(client, id);
        const { rows } = await client.query<{ state: BuildState; finished: boolean; jobs: string[] }>(
          `select state, finished_at is not null as finished, (select array_agg(j.state order by position) from jobs j where build_id = b.id) as jobs
           from builds b where id = $1`,
          [id],
        );
        expect({ states, ...rows[0] }).toEqual({ states, state: decision.state, finished: decision.finished, jobs: after(states, decision) });
      }
    });
  });

  /** Puts three jobs into these states, in a build that runs. */
  async function stand(client: PoolClient, id: number, states: readonly JobState[]): Promise<void> {
    await client.query(`update builds set state = 'running', finished_at = null where id = $1`, [id]);
    await client.query(
      `update jobs j set state = s.state, finished_at = case when s.state = any($3) then now() end
       from unnest($2::text[]) with ordinality as s (state, n) where build_id = $1 and position = s.n`,
      [id, states, ['passed', 'failed', 'errored', 'canceled', 'skipped']],
    );
  }

  function outcomes([a = 'held', b = 'held', c = 'held']: readonly JobState[]): JobOutcome[] {
    return [
      { stage: 0, state: a, allowFailure: false, count: 1 },
      { stage: 0, state: b, allowFailure: true, count: 1 },
      { stage: 1, state: c, allowFailure: false, count: 1 },
    ];
  }

  function after(states: readonly JobState[], { beginStage, skipReason }: ReturnType<typeof decideBuild>): JobState[] {
    return states.map((state, index) => {
      if (state !== 'waiting') return state;
      if (skipReason !== null) return 'skipped';
      return beginStage === (index < 2 ? 0 : 1) ? 'queued' : 'waiting';
    });
  }
});

describe(`a build of ${JOBS} jobs`, () => {
  test('is not counted at each verdict', async () => {
    // As autovacuum does within a minute of such an insert; until then the plan is anybody's guess.
    await database.pool.query('analyze jobs');
    const [first, second] = await jobsOf(database, large);
    const [attempt, other] = await assign(database, owner, [first?.id ?? 0, second?.id ?? 0]);
    await finish(database, owner, attempt?.attemptId ?? 0, 'passed');
    expect(await buildOf(database, large)).toMatchObject({ state: 'running' });
    const before = await settledRows();
    await finish(database, owner, other?.attemptId ?? 0, 'passed');
    expect((await settledRows()) - before).toBeLessThan(100);
  });

  /** The numbers once they stand still: the statements before may hand theirs in late. */
  async function settledRows(): Promise<number> {
    for (let last = -1; ;) {
      const now = await rowsRead();
      if (now === last) return now;
      last = now;
    }
  }

  /** Rows and index entries of `jobs` that this database's statements have read so far. */
  async function rowsRead(): Promise<number> {
    // Another connection's numbers come late: each is asked to hand in its own.
    const clients = await Promise.all(Array.from({ length: database.pool.totalCount }, () => database.pool.connect()));
    for (const client of clients) await client.query('select pg_stat_force_next_flush()');
    for (const client of clients) client.release();
    const { rows } = await database.pool.query<{ read: number }>(
      `select (sum(seq_tup_read) + (select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'jobs'))::int as read
       from pg_stat_user_tables where relname = 'jobs'`,
    );
    return rows[0]?.read ?? 0;
  }

  test('is counted by state from an index alone', async () => {
    await database.pool.query('vacuum analyze jobs');
    const { rows } = await database.pool.query<{ 'QUERY PLAN': string }>(
      'explain select state, count(*)::int from jobs where build_id = $1 group by 1',
      [large],
    );
    expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('Index Only Scan using jobs_outcomes_idx');
  });
});
