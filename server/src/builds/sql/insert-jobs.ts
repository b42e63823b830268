import type { PoolClient } from 'pg';
import type { JobSpec } from '#plugins/api';
import type { BuildTrust } from '#server/api';
import { type ShapeIsolation, type ShapeLicenses, shapeOf } from '../shape.ts';

/** The build that jobs are written for. */
export interface JobsInto {
  readonly buildId: number;
  readonly projectId: number;
  readonly trust: BuildTrust;
  readonly isolation: ShapeIsolation;
  /** All of the build's, in their order. */
  readonly stages: readonly string[];
  /** How many jobs it has already. Absent: none, so that those of the first stage may begin; else all of these wait for their stage. */
  readonly after?: number;
}

/** What each job of a held build waits for, in words. */
const HELD_REASON = 'waits for a maintainer to approve this commit';

/** Writes jobs of a build. Throws for one that names a stage which the build does not have. */
export async function insertJobs(client: PoolClient, into: JobsInto, jobs: readonly JobSpec[]): Promise<void> {
  const { buildId, projectId, trust, isolation, stages, after } = into;
  const stageIndexes = jobs.map((job) => stageIndex(stages, job));
  assertRoom(jobs);
  const first = after === undefined ? Math.min(...new Set(stageIndexes)) : -1;
  const bundled = await licensesOfBundles(client, jobs);
  await client.query(
    `insert into jobs (build_id, project_id, position, stage_index, allow_failure, spec, shape, state, queued_at, reason)
     select $1, $2, row.n, row.stage, row.allow, row.spec, row.shape,
            case when $9 then 'held' when row.stage = $3 then 'queued' else 'waiting' end,
            case when row.stage = $3 and not $9 then now() end, case when $9 then $10 end
     from unnest($4::int[], $5::int[], $6::bool[], $7::jsonb[], $8::text[]) as row (n, stage, allow, spec, shape)`,
    [
      buildId,
      projectId,
      first,
      jobs.map((_, index) => (after ?? 0) + index + 1),
      stageIndexes,
      jobs.map((job) => job.allowFailure),
      jobs.map((job) => JSON.stringify(job)),
      jobs.map((job) => shapeOf(job.requirements, isolation, licensesOf(job, trust, bundled))),
      trust === 'held',
      HELD_REASON,
    ],
  );
}

/** A held build runs only once it is approved. */
function licensesOf({ licenses = [], bundles = [] }: JobSpec, trust: BuildTrust, bundled: ReadonlyMap<string, string>): ShapeLicenses {
  const needs = new Set([...licenses, ...bundles.flatMap((bundle) => bundled.get(bundle) ?? [])]);
  return { needs: [...needs], trust: trust === 'trusted' ? 'trusted' : trust === 'untrusted' ? 'none' : 'approved' };
}

/** What jobs need a seat of because of the bundles that they are given. One that is not there is told of when the job begins. */
async function licensesOfBundles(client: PoolClient, jobs: readonly JobSpec[]): Promise<Map<string, string>> {
  const names = [...new Set(jobs.flatMap(({ bundles = [] }) => bundles))];
  if (names.length === 0) return new Map();
  const { rows } = await client.query<{ bundle: string; license: string }>(
    `select name || '-' || version as bundle, license from bundles where name || '-' || version = any($1) and license is not null`,
    [names],
  );
  return new Map(rows.map(({ bundle, license }) => [bundle, license]));
}

/** That its stage has jobs is how it is known that a job has been asked already: see `addJobs`. */
function assertRoom(jobs: readonly JobSpec[]): void {
  const planned = jobs.flatMap(({ plans }) => plans?.stage ?? []);
  const taken = new Set(jobs.map(({ stage }) => stage));
  if (new Set(planned).size < planned.length || planned.some((stage) => taken.has(stage)))
    throw new Error('a stage for what a job finds out must have no other jobs, and be of one such job alone');
}

/** Of a job that asks what else there is to run the stage of its answer is checked, too, while nothing has run yet. */
function stageIndex(stages: readonly string[], { name, stage, plans }: JobSpec): number {
  const index = stages.indexOf(stage);
  if (index < 0) throw new Error(`job ${name} names the stage ${stage}, which its plan does not list`);
  if (plans !== undefined && stages.indexOf(plans.stage) <= index)
    throw new Error(`job ${name} names the stage ${plans.stage} for what it finds out, which its plan does not list after its own`);
  return index;
}
