import type { PoolClient } from 'pg';

/** No machine is held longer for a person. Minutes. */
export const MAX_HOLD_MINUTES = 480;

/**
 * Says until when the machines of attempts that have just ended are held: of those whose job somebody wanted held, and which ended by the job's own doing, not
 * well. Never of those that had licensed seats or bundles: these end with the job. In the transaction of their verdicts, so that no machine is let go in between.
 */
export async function holdAttempts(client: PoolClient, attemptIds: readonly number[]): Promise<void> {
  if (attemptIds.length === 0) return;
  await client.query({
    name: 'hold-attempts',
    text: `update attempts a set held_until = now() + make_interval(mins => least(j.hold_minutes, $2)) from jobs j
      where a.id = any($1) and a.state in ('failed', 'errored') and not a.lost and j.id = a.job_id and j.hold_minutes is not null
        and not exists (select 1 from license_leases l where l.attempt_id = a.id)
        and not exists (select 1 from bundle_uses u where u.attempt_id = a.id)`,
    values: [attemptIds, MAX_HOLD_MINUTES],
  });
}
