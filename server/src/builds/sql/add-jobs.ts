import type { PoolClient } from 'pg';
import { z } from 'zod';
import type { BuildTrust } from '#server/api';
import type { PlannedJobs } from '../../pipelines/index.ts';
import { type IsolationRules, demandOf, isStrangers, readLevel } from '../isolation-demand.ts';
import { insertJobs } from './insert-jobs.ts';

interface Row {
  readonly buildId: number;
  readonly projectId: number;
  readonly trust: BuildTrust;
  readonly isolation: string;
  readonly stages: unknown;
  readonly after: number;
  /** Why it was to be cancelled; null: it was not. */
  readonly canceled: string | null;
}

const Stages = z.array(z.string());

/**
 * Adds to a build what one of its jobs has found out, in the transaction that writes that job's verdict: never one without the other. They wait for their stage. Where the asking job was
 * to be cancelled they are cancelled, too: a build that nobody wants any more must not look as if all of it had passed. Nothing is added where it had found out something before and was
 * restarted.
 */
export async function addJobs(client: PoolClient, attemptId: number, { jobs, messages }: PlannedJobs, rules: IsolationRules): Promise<void> {
  const { rows } = await client.query<Row>({
    name: 'build-of-asking-job',
    text: `select b.id as "buildId", b.project_id as "projectId", b.trust, p.isolation, b.stages,
         (select max(all_jobs.position) from jobs all_jobs where all_jobs.build_id = b.id) as after,
         case when a.cancel_requested then coalesce(a.cancel_reason, 'cancelled') end as canceled
       from attempts a join jobs j on j.id = a.job_id join builds b on b.id = j.build_id join projects p on p.id = b.project_id
       where a.id = $1 and not exists (select 1 from jobs later where later.build_id = b.id and later.stage_index = array_position(
           array(select jsonb_array_elements_text(b.stages)), $2) - 1)`,
    values: [attemptId, jobs[0]?.stage ?? ''],
  });
  const [build] = rows;
  if (build === undefined) return;
  const stranger = isStrangers(build.trust);
  const isolation = { level: demandOf(rules, { project: readLevel(build.isolation), stranger, queued: 'none' }).level, stranger };
  await insertJobs(client, { ...build, stages: Stages.parse(build.stages), isolation }, jobs);
  if (build.canceled !== null)
    await client.query(`update jobs set state = 'canceled', reason = $3, finished_at = now() where build_id = $1 and position > $2`, [
      build.buildId,
      build.after,
      build.canceled,
    ]);
  if (messages.length === 0) return;
  await client.query('update builds set messages = messages || $2::jsonb where id = $1', [build.buildId, JSON.stringify(messages)]);
}
