import type { PoolClient } from 'pg';
import type { Change, CiPlan, Isolation, JobSpec, Message } from '#plugins/api';
import type { BuildTrust } from '#server/api';
import { type IsolationRules, demandOf, isStrangers, readLevel } from '../isolation-demand.ts';
import { noteBuild, noteEnd } from '../../notifications/sql/note-build.ts';
import { type ShapeIsolation, type ShapeLicenses, shapeOf } from '../shape.ts';

/** A build to be: what was read from the repository. */
export interface NewBuild {
  readonly projectId: number;
  readonly change: Change;
  /** The file the jobs come from. */
  readonly description: string | null;
  /** What the installation demands of machines now. */
  readonly isolation: IsolationRules;
  readonly trust: NewBuildTrust;
  /** Nobody outside is told of it: neither its commit's status nor subscribers. Absent: they are. */
  readonly isQuiet?: boolean;
  readonly plan: Pick<CiPlan, 'jobs' | 'stages' | 'fastFinish'> & { readonly messages: readonly Message[] };
}

/** What each job of a held build waits for, in words. */
const HELD_REASON = 'waits for a maintainer to approve this commit';

/** How far a change is trusted when its build begins, and why. */
export interface NewBuildTrust {
  readonly level: Exclude<BuildTrust, 'approved' | 'refused'>;
  readonly reason: string | null;
  /** Whose pull request it is of. */
  readonly contributor: string | null;
}

/** The change of somebody who can push to the repository. */
export const TRUSTED: NewBuildTrust = { level: 'trusted', reason: null, contributor: null };

/** Writes a build and its jobs: those of the first stage queued, the rest waiting; all of them held if its change is. No jobs: errored at once. Returns the build's id. */
export async function insertBuild(client: PoolClient, build: NewBuild): Promise<number> {
  const { plan, change } = build;
  const empty = plan.jobs.length === 0;
  const { rows } = await client.query<{ id: number; isolation: string }>(
    `with numbered as (update projects set next_build = next_build + 1 where id = $1 returning next_build - 1 as number, isolation),
     made as (
       insert into builds (project_id, number, state, change, branch, description, stages, messages, fast_finish, finished_at,
         trust, trust_reason, contributor, is_quiet)
       select $1, number, $2, $3, $4, $5, $6, $7, $8, case when $9 then now() end, $10, $11, $12, $13 from numbered returning id)
     select made.id, numbered.isolation from made, numbered`,
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
      build.trust.level,
      build.trust.reason,
      build.trust.contributor,
      build.isQuiet ?? false,
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`project ${build.projectId} is gone`);
  if (!empty) await insertJobs(client, row.id, build, isolationOf(build, readLevel(row.isolation)));
  await noteBuild(client, row.id);
  if (empty) await noteEnd(client, row.id);
  return row.id;
}

function isolationOf({ trust, isolation }: NewBuild, project: Isolation): ShapeIsolation {
  const stranger = isStrangers(trust.level);
  return { level: demandOf(isolation, { project, stranger, queued: 'none' }).level, stranger };
}

async function insertJobs(client: PoolClient, buildId: number, build: NewBuild, isolation: ShapeIsolation): Promise<void> {
  const { stages, jobs } = build.plan;
  const stageIndexes = jobs.map((job) => stageIndex(stages, job));
  const first = Math.min(...new Set(stageIndexes));
  const bundled = await licensesOfBundles(client, jobs);
  await client.query(
    `insert into jobs (build_id, project_id, position, stage_index, allow_failure, spec, shape, state, queued_at, reason)
     select $1, $2, row.n, row.stage, row.allow, row.spec, row.shape,
            case when $9 then 'held' when row.stage = $3 then 'queued' else 'waiting' end,
            case when row.stage = $3 and not $9 then now() end, case when $9 then $10 end
     from unnest($4::int[], $5::int[], $6::bool[], $7::jsonb[], $8::text[]) as row (n, stage, allow, spec, shape)`,
    [
      buildId,
      build.projectId,
      first,
      jobs.map((_, index) => index + 1),
      stageIndexes,
      jobs.map((job) => job.allowFailure),
      jobs.map((job) => JSON.stringify(job)),
      jobs.map((job) => shapeOf(job.requirements, isolation, licensesOf(job, build.trust, bundled))),
      build.trust.level === 'held',
      HELD_REASON,
    ],
  );
}

/** A held build runs only once it is approved. */
function licensesOf({ licenses = [], bundles = [] }: JobSpec, { level }: NewBuildTrust, bundled: ReadonlyMap<string, string>): ShapeLicenses {
  const needs = new Set([...licenses, ...bundles.flatMap((bundle) => bundled.get(bundle) ?? [])]);
  return { needs: [...needs], trust: level === 'trusted' ? 'trusted' : level === 'untrusted' ? 'none' : 'approved' };
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

function stageIndex(stages: readonly string[], job: JobSpec): number {
  const index = stages.indexOf(job.stage);
  if (index < 0) throw new Error(`job ${job.name} names the stage ${job.stage}, which its plan does not list`);
  return index;
}
