import type { PoolClient } from 'pg';
import type { Change, CiPlan, JobSpec, Message } from '#plugins/api';
import { shapeOf } from '../shape.ts';

/** A build to be: what was read from the repository. */
export interface NewBuild {
  readonly projectId: number;
  readonly change: Change;
  /** The file the jobs come from. */
  readonly description: string | null;
  readonly plan: Pick<CiPlan, 'jobs' | 'stages' | 'fastFinish'> & { readonly messages: readonly Message[] };
}

/** Writes a build and its jobs: those of the first stage queued, the rest waiting. No jobs: errored at once. Returns the build's id. */
export async function insertBuild(client: PoolClient, build: NewBuild): Promise<number> {
  const { plan, change } = build;
  const empty = plan.jobs.length === 0;
  const { rows } = await client.query<{ id: number }>(
    `with numbered as (update projects set next_build = next_build + 1 where id = $1 returning next_build - 1 as number)
     insert into builds (project_id, number, state, change, branch, description, stages, messages, fast_finish, finished_at)
     select $1, number, $2, $3, $4, $5, $6, $7, $8, case when $9 then now() end from numbered returning id`,
    [
      build.projectId,
      empty ? 'errored' : 'queued',
      JSON.stringify(change),
      change.branch,
      build.description,
      JSON.stringify(plan.stages),
      JSON.stringify(plan.messages),
      plan.fastFinish,
      empty,
    ],
  );
  const id = rows[0]?.id;
  if (id === undefined) throw new Error(`project ${build.projectId} is gone`);
  if (!empty) await insertJobs(client, id, build);
  return id;
}

async function insertJobs(client: PoolClient, buildId: number, build: NewBuild): Promise<void> {
  const { stages, jobs } = build.plan;
  const stageIndexes = jobs.map((job) => stageIndex(stages, job));
  const first = Math.min(...new Set(stageIndexes));
  await client.query(
    `insert into jobs (build_id, project_id, position, stage_index, allow_failure, spec, shape, state, queued_at)
     select $1, $2, row.n, row.stage, row.allow, row.spec, row.shape, case when row.stage = $3 then 'queued' else 'waiting' end,
            case when row.stage = $3 then now() end
     from unnest($4::int[], $5::int[], $6::bool[], $7::jsonb[], $8::text[]) as row (n, stage, allow, spec, shape)`,
    [
      buildId,
      build.projectId,
      first,
      jobs.map((_, index) => index + 1),
      stageIndexes,
      jobs.map((job) => job.allowFailure),
      jobs.map((job) => JSON.stringify(job)),
      jobs.map((job) => shapeOf(job.requirements)),
    ],
  );
}

function stageIndex(stages: readonly string[], job: JobSpec): number {
  const index = stages.indexOf(job.stage);
  if (index < 0) throw new Error(`job ${job.name} names the stage ${job.stage}, which its plan does not list`);
  return index;
}
