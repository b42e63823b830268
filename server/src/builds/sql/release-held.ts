import type { PoolClient } from 'pg';

/** Lets the jobs of a held build begin: those of its first stage are queued, the others wait for it. The caller holds the build. Returns the jobs moved. */
export async function releaseHeld(client: PoolClient, buildId: number): Promise<number[]> {
  const { rows } = await client.query<{ id: number }>(
    `with first as (select min(stage_index) as stage from jobs where build_id = $1 and state = 'held')
     update jobs set state = case when stage_index = first.stage then 'queued' else 'waiting' end,
       queued_at = case when stage_index = first.stage then now() end, reason = null
     from first where build_id = $1 and state = 'held' returning id`,
    [buildId],
  );
  return rows.map((row) => row.id);
}
