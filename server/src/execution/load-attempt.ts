import type { Pool } from 'pg';
import { Change, JobSpec } from '#plugins/api';

/** Everything about an attempt that its execution needs. */
export interface LoadedAttempt {
  readonly attemptId: number;
  readonly number: number;
  readonly state: string;
  readonly machineId: string;
  readonly cancelRequested: boolean;
  readonly jobId: number;
  readonly position: number;
  readonly spec: JobSpec;
  readonly buildId: number;
  readonly buildNumber: number;
  readonly change: Change;
  readonly projectId: number;
  /** How far into the spool its steps are recorded, in bytes. */
  readonly recordedOffset: number;
  readonly steps: readonly { readonly index: number; readonly finished: boolean }[];
}

/** Reads attempts by id; those that are gone are left out. */
export async function loadAttempts(pool: Pool, ids: readonly number[]): Promise<LoadedAttempt[]> {
  const { rows } = await pool.query<Omit<LoadedAttempt, 'spec' | 'change'> & { spec: unknown; change: unknown }>(
    `select a.id as "attemptId", a.number, a.state, a.machine_id as "machineId", a.cancel_requested as "cancelRequested",
       j.id as "jobId", j.position, j.spec, b.id as "buildId", b.number as "buildNumber", b.change, j.project_id as "projectId",
       coalesce((select max(s.spool_offset) from steps s where s.attempt_id = a.id), 0)::float8 as "recordedOffset",
       coalesce((select json_agg(json_build_object('index', s.index, 'finished', s.finished_at is not null)) from steps s where s.attempt_id = a.id), '[]') as steps
     from attempts a join jobs j on j.id = a.job_id join builds b on b.id = j.build_id where a.id = any($1)`,
    [ids],
  );
  return rows.map((row) => ({ ...row, spec: JobSpec.parse(row.spec), change: Change.parse(row.change) }));
}

/** Takes over all attempts without an end, as `owner`; whatever an earlier owner still writes is refused from then on. */
export async function takeOverAttempts(pool: Pool, owner: string, leaseSeconds: number): Promise<number[]> {
  const { rows } = await pool.query<{ id: number }>(
    `update attempts set owner = $1, lease_until = now() + make_interval(secs => $2) where finished_at is null returning id`,
    [owner, leaseSeconds],
  );
  return rows.map((row) => row.id);
}

/** Renews the leases of `owner` and returns which attempts it still holds, and which of them are to be cancelled. */
export async function renewLeases(pool: Pool, owner: string, leaseSeconds: number): Promise<{ id: number; cancel: boolean }[]> {
  const { rows } = await pool.query<{ id: number; cancel: boolean }>(
    `update attempts set lease_until = now() + make_interval(secs => $2) where owner = $1 and finished_at is null
     returning id, cancel_requested as cancel`,
    [owner, leaseSeconds],
  );
  return rows;
}
