import type { Pool } from 'pg';
import type { QueuedRow } from '../builds/sql/queue-window.ts';
import { productOf } from './license-types.ts';
import type { Waiting } from './plan-types.ts';

/** A job whose turn came while no seat of a product was free for it. `attempt`: the number of its attempts before. */
export interface SeatRefusal {
  readonly jobId: number;
  readonly attempt: number;
  readonly projectId: number;
  readonly product: string;
}

/** Of jobs that wait those that wait for a seat. */
export function seatRefusals(waiting: readonly Waiting[], rows: readonly QueuedRow[]): SeatRefusal[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  return waiting.flatMap(({ jobId, reason }) => {
    const row = byId.get(jobId);
    if (row === undefined || (reason.kind !== 'no-seat' && reason.kind !== 'seat-cap')) return [];
    return [{ jobId, attempt: row.attempt, projectId: row.projectId, product: productOf(reason.need) }];
  });
}

/** Writes them down, each once however often it is seen, so that an installation learns whether it needs more seats. */
export async function noteRefusals(pool: Pool, refusals: readonly SeatRefusal[]): Promise<void> {
  if (refusals.length === 0) return;
  await pool.query({
    name: 'note-refusals',
    text: `insert into license_waits (product, job_id, attempt, project_id)
       select w.product, w.job_id, w.attempt, w.project_id from unnest($1::text[], $2::int[], $3::int[], $4::int[]) as w (product, job_id, attempt, project_id)
       where not exists (select 1 from license_waits k where k.job_id = w.job_id and k.attempt = w.attempt and k.product = w.product)
         and exists (select 1 from jobs j where j.id = w.job_id)
       on conflict do nothing`,
    values: [
      refusals.map(({ product }) => product),
      refusals.map(({ jobId }) => jobId),
      refusals.map(({ attempt }) => attempt),
      refusals.map(({ projectId }) => projectId),
    ],
  });
}
