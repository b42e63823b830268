import type { PoolClient } from 'pg';
import { advanceBuild } from './advance-build.ts';

/**
 * Ends queued jobs that nothing here can ever run, as errored, each with its reason; as skipped those that need not run, if another job of their build does. Returns what changed, jobs that were skipped or queued because of it
 * included.
 */
export async function failQueued(
  client: PoolClient,
  jobs: readonly { readonly jobId: number; readonly reason: string }[],
): Promise<{ jobIds: number[]; buildIds: number[] }> {
  const ids = jobs.map((job) => job.jobId);
  // The builds first, in order: see `lockBuild`.
  const builds = await client.query<{ id: number }>(
    'select id from builds where id in (select build_id from jobs where id = any($1)) order by id for update',
    [ids],
  );
  const moved = await client.query<{ id: number }>(
    `update jobs j set reason = w.reason, finished_at = now(),
       state = case when j.spec->>'ifAvailable' = 'true' and exists (
         select 1 from jobs o where o.build_id = j.build_id and o.id <> all($1) and o.state <> 'skipped') then 'skipped' else 'errored' end
     from unnest($1::int[], $2::text[]) as w (id, reason) where j.id = w.id and j.state = 'queued' returning j.id`,
    [ids, jobs.map((job) => job.reason)],
  );
  const buildIds = builds.rows.map((row) => row.id);
  const jobIds = moved.rows.map((row) => row.id);
  for (const buildId of buildIds) jobIds.push(...(await advanceBuild(client, buildId)));
  return { jobIds, buildIds };
}
