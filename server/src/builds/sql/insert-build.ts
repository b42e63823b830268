import type { PoolClient } from 'pg';
import type { Change, CiPlan, Isolation, Message } from '#plugins/api';
import type { BuildTrust } from '#server/api';
import { type IsolationRules, demandOf, isStrangers, readLevel } from '../isolation-demand.ts';
import { noteBuild, noteEnd } from '../../notifications/sql/note-build.ts';
import type { ShapeIsolation } from '../shape.ts';
import { insertJobs } from './insert-jobs.ts';

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
  if (!empty) {
    const { projectId, trust } = build;
    const into = { buildId: row.id, projectId, trust: trust.level, isolation: isolationOf(build, readLevel(row.isolation)), stages: plan.stages };
    await insertJobs(client, into, plan.jobs);
  }
  await noteBuild(client, row.id);
  if (empty) await noteEnd(client, row.id);
  return row.id;
}

function isolationOf({ trust, isolation }: NewBuild, project: Isolation): ShapeIsolation {
  const stranger = isStrangers(trust.level);
  return { level: demandOf(isolation, { project, stranger, queued: 'none' }).level, stranger };
}
