import type { Pool } from 'pg';

/** A test that did both at the same commit, in the same job. */
export interface FlakyRow {
  readonly name: string;
  readonly hash: Buffer;
  readonly times: number;
  readonly jobs: string[];
  readonly jobId: number;
  readonly attempt: number;
  readonly at: Date;
}

/**
 * The tests of a project that passed and failed at the same commit in the same job and interpreter, worst first. `hashes` null: any. Only commits that a job tried more than once are looked at, and of
 * these the failures first, which have an index: that is little, however much passed.
 */
export async function flakyTests(pool: Pool, projectId: number, days: number, hashes: readonly Buffer[] | null, limit: number): Promise<FlakyRow[]> {
  const { rows } = await pool.query<FlakyRow>({
    name: 'flaky-tests',
    text: `with runs as materialized (
         select * from (select attempt_id, job, interpreter, commit, count(*) over (partition by commit, job, interpreter) as tries
           from test_runs where project_id = $1 and at > now() - make_interval(days => $2)) r where tries > 1),
       bad as materialized (
         select o.test_id, r.job, r.interpreter, r.commit, max(o.attempt_id) as last from runs r join test_outcomes o on o.attempt_id = r.attempt_id and o.outcome >= 2
         where $3::bytea[] is null or o.test_id in (select id from tests where project_id = $1 and hash = any($3)) group by 1, 2, 3, 4),
       both_ways as (
         select b.* from bad b where exists (select 1 from runs r join test_outcomes o on o.attempt_id = r.attempt_id and o.test_id = b.test_id and o.outcome = 1
           where r.job = b.job and r.interpreter = b.interpreter and r.commit = b.commit)),
       flaky as (
         select test_id, count(*)::int as times, (array_agg(distinct job))[1:5] as jobs, max(last) as last from both_ways group by 1 order by 2 desc, 4 desc limit $4)
     select t.name, t.hash, f.times, f.jobs, a.job_id as "jobId", a.number as attempt, r.at
     from flaky f join tests t on t.id = f.test_id join attempts a on a.id = f.last join test_runs r on r.attempt_id = f.last order by f.times desc, f.last desc, t.name`,
    values: [projectId, days, hashes, limit],
  });
  return rows;
}
