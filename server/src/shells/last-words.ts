import type { Pool } from 'pg';
import { isDatabaseAway } from '../database/index.ts';
import type { OpenDoor } from './shell-door.ts';

/** Why a shell ends whose machine goes, as a sentence. */
export async function lastShellWords(pool: Pool, { jobId, attempt }: OpenDoor): Promise<string> {
  try {
    const { rows } = await pool.query<{ state: string; ended: boolean; held: boolean }>(
      `select state, finished_at is not null as ended, held_until is not null as held from attempts where job_id = $1 and number = $2`,
      [jobId, attempt],
    );
    const [row] = rows;
    if (row?.held) return `The machine of job ${jobId} is held no longer.`;
    if (row?.ended) return `Job ${jobId} has ended (${row.state}), so its machine is destroyed.`;
  } catch (error) {
    // Somebody waits to hear why; less is said then.
    if (!isDatabaseAway(error)) throw error;
  }
  return `The machine of job ${jobId} is gone.`;
}
