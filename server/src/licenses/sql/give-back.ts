import type { PoolClient } from 'pg';

/**
 * Gives back the seats of attempts that have ended, in the transaction of their ends. `inOrder`: its job came to its end by itself. In any other the
 * product's own client was killed and may not have told its vendor: its seat is in quarantine for as long as the vendor takes to see for itself.
 */
export async function giveBack(client: PoolClient, ends: readonly { readonly attemptId: number; readonly inOrder: boolean }[]): Promise<void> {
  if (ends.length === 0) return;
  await client.query({
    name: 'give-back-seats',
    text: `update license_leases l set released_at = now(),
         state = case when e.in_order or p.quarantine_seconds = 0 then 'returned' else 'quarantined' end,
         free_at = case when not e.in_order and p.quarantine_seconds > 0 then now() + make_interval(secs => p.quarantine_seconds) end
       from unnest($1::int[], $2::bool[]) as e (attempt_id, in_order), license_pools p
       where l.attempt_id = e.attempt_id and l.state = 'held' and p.id = l.pool_id`,
    values: [ends.map(({ attemptId }) => attemptId), ends.map(({ inOrder }) => inOrder)],
  });
}
