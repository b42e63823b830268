import type { Pool } from 'pg';

/** How long a test took in the last runs of a job. */
export interface DurationRow {
  readonly name: string;
  readonly job: string;
  /** Newest first; milliseconds. */
  readonly samples: number[];
}

/** Tests of a job that may be among the slow ones: more than this are not looked at closer. */
const CANDIDATES = 1000;
/** So many of a job's runs count as its last ones, and so many are told of. */
export const NEWEST = 10;
export const LAST = 40;

/**
 * The durations of a project's slow tests. Those that took a tenth of a second in one of the last ten runs of their job have an index; of the slowest thousand of these the last forty runs are read, one by one.
 */
export async function slowTests(pool: Pool, projectId: number, days: number): Promise<DurationRow[]> {
  const { rows } = await pool.query<DurationRow>({
    name: 'slow-tests',
    text: `with runs as materialized (
         select * from (select attempt_id, job, interpreter, row_number() over (partition by job, interpreter order by attempt_id desc) as age
           from test_runs where project_id = $1 and at > now() - make_interval(days => $2)) r where age <= ${LAST}),
       candidates as materialized (
         select o.test_id, r.job, r.interpreter from runs r join test_outcomes o on o.attempt_id = r.attempt_id and o.milliseconds >= 100
         where r.age <= ${NEWEST} group by 1, 2, 3 order by percentile_cont(0.5) within group (order by o.milliseconds) desc limit ${CANDIDATES})
     select t.name, c.job, array_agg(o.milliseconds order by o.attempt_id desc) as samples
     from candidates c join tests t on t.id = c.test_id join runs r on r.job = c.job and r.interpreter = c.interpreter
       join test_outcomes o on o.attempt_id = r.attempt_id and o.test_id = c.test_id and o.milliseconds is not null and o.outcome > 0
     group by t.id, t.name, c.job, c.interpreter`,
    values: [projectId, days],
  });
  return rows;
}
