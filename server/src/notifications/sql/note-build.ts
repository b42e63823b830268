import type { PoolClient } from 'pg';

/** Whether anybody outside is told of a build `b`: what tries a package on a fork says nothing of its commit. */
const IS_TOLD = 'not b.is_quiet';

/**
 * Writes down that a build is to be told of: its commit's status at the code host and, once it has ended, those who subscribed. Call it in the transaction that
 * changed the build's state, or its trust. What is told is read when it is sent. An older build of the same commit takes no newer one's place, nor one
 * that a stranger asked for that of one that is trusted: another pull request with the same commit must not say over it what he likes.
 */
export async function noteBuild(client: PoolClient, buildId: number): Promise<void> {
  await client.query({
    name: 'note-status',
    text: `insert into outbox (project_id, build_id, channel, key)
       select p.id, b.id, 'status', (b.change->>'commit') || case when b.change->>'kind' = 'pull-request' then ' pull-request' else ' push' end
       from builds b join projects p on p.id = b.project_id where b.id = $1 and p.statuses <> 'none' and ${IS_TOLD}
       on conflict (project_id, channel, key) do update
         set build_id = excluded.build_id, version = outbox.version + 1, tries = 0, next_at = now(), gave_up = false
         where outbox.build_id = excluded.build_id or (outbox.build_id < excluded.build_id and not exists (
           select 1 from builds old, builds new where old.id = outbox.build_id and new.id = excluded.build_id
             and old.trust in ('trusted', 'approved') and new.trust not in ('trusted', 'approved')))`,
    values: [buildId],
  });
}

/** Writes down that a build has ended and its subscribers are to be told. Call it in the transaction that ended it. */
export async function noteEnd(client: PoolClient, buildId: number): Promise<void> {
  await client.query({
    name: 'note-end',
    text: `insert into outbox (project_id, build_id, channel, key)
       select s.project_id, b.id, 'notice:' || s.id, b.id::text
       from builds b join subscriptions s on s.project_id = b.project_id where b.id = $1 and ${IS_TOLD}
       on conflict (project_id, channel, key) do update set version = outbox.version + 1, tries = 0, next_at = now(), gave_up = false`,
    values: [buildId],
  });
}

/** Writes down that jobs of a build have ended, where its project wants its code host told of each job. */
export async function noteJobs(client: PoolClient, buildIds: readonly number[]): Promise<void> {
  await client.query({
    name: 'note-jobs',
    text: `update outbox o set version = o.version + 1, tries = 0, next_at = now(), gave_up = false from projects p
       where o.build_id = any($1) and o.channel = 'status' and p.id = o.project_id and p.statuses = 'jobs'`,
    values: [buildIds],
  });
}
