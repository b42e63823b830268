import type { PoolClient } from 'pg';
import { type BuildState, JobState } from '#server/api';
import { noteBuild, noteEnd } from '../../notifications/sql/note-build.ts';
import { type JobOutcome, decideBuild } from '../decide-build.ts';

interface BuildNow {
  readonly state: BuildState;
  readonly fastFinish: boolean;
  readonly finished: boolean;
}

/** The states of jobs of which nothing has happened yet. */
const UNTOUCHED: ReadonlySet<JobState> = new Set(['held', 'waiting', 'queued']);
const TOUCHED = JobState.options.filter((state) => !UNTOUCHED.has(state));

/**
 * Brings a build up to date with its jobs: lets the next stage begin or skips it, and writes the build's own state. Call it in the transaction that moved a
 * job. Takes the build's row first, so that of two jobs that end at once the later one sees both. Returns the jobs that it queued or skipped.
 */
export async function advanceBuild(client: PoolClient, buildId: number): Promise<number[]> {
  const { rows } = await client.query<BuildNow>({
    name: 'build-to-advance',
    text: 'select state, fast_finish as "fastFinish", finished_at is not null as finished from builds where id = $1 for update',
    values: [buildId],
  });
  const build = rows[0];
  if (!build || (await goesOnAsItIs(client, buildId, build))) return [];
  const decision = decideBuild(await outcomesOf(client, buildId), build.fastFinish);
  const begun = decision.beginStage === null ? [] : await beginStage(client, buildId, decision.beginStage);
  const skipped = decision.skipReason === null ? [] : await skipWaiting(client, buildId, decision.skipReason);
  if (decision.state !== build.state || decision.finished !== build.finished) await writeState(client, buildId, decision);
  if (decision.finished && !build.finished) await noteEnd(client, buildId);
  return [...begun, ...skipped];
}

/**
 * Whether `decideBuild` would change nothing, where a few index entries show it: the build runs, and so does its lowest stage that has not ended. It is so
 * after nearly every verdict, and to count the jobs of a large build each time would be quadratic. With `fastFinish` every verdict may matter.
 */
async function goesOnAsItIs(client: PoolClient, buildId: number, build: BuildNow): Promise<boolean> {
  if (build.fastFinish || build.finished || build.state !== 'running') return false;
  const { rows } = await client.query<{ same: boolean }>({
    name: 'build-goes-on',
    // Written so that an index gives each answer at once, whatever the planner believes of the table: the states are literals because of a parameter it
    // would know nothing.
    text: `select (select stage_index from jobs where build_id = $1 and finished_at is null order by stage_index limit 1) =
         (select stage_index from jobs where build_id = $1 and finished_at is null and state <> 'waiting' order by stage_index limit 1)
       and exists (select 1 from jobs where build_id = $1 and state in (${TOUCHED.map((state) => `'${state}'`).join(', ')})) as same`,
    values: [buildId],
  });
  return rows[0]?.same ?? false;
}

async function outcomesOf(client: PoolClient, buildId: number): Promise<JobOutcome[]> {
  const { rows } = await client.query<JobOutcome>({
    name: 'build-outcomes',
    text: `select stage_index as "stage", state, allow_failure as "allowFailure", count(*)::int as count
     from jobs where build_id = $1 group by 1, 2, 3`,
    values: [buildId],
  });
  return rows;
}

async function beginStage(client: PoolClient, buildId: number, stage: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `update jobs set state = 'queued', queued_at = now() where build_id = $1 and stage_index = $2 and state = 'waiting' returning id`,
    [buildId, stage],
  );
  return rows.map((row) => row.id);
}

async function skipWaiting(client: PoolClient, buildId: number, reason: string): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `update jobs set state = 'skipped', reason = $2, finished_at = now() where build_id = $1 and state = 'waiting' returning id`,
    [buildId, reason],
  );
  return rows.map((row) => row.id);
}

async function writeState(client: PoolClient, buildId: number, { state, finished }: { state: BuildState; finished: boolean }): Promise<void> {
  await client.query(
    `update builds set state = $2, started_at = case when $2 = 'queued' then null else coalesce(started_at, now()) end,
       finished_at = case when $3 then coalesce(finished_at, now()) end where id = $1`,
    [buildId, state, finished],
  );
  await noteBuild(client, buildId);
}
