import type { Pool } from 'pg';
import { Change, type Interpreter, JobSpec } from '#plugins/api';
import { type IsolationFacts, isStrangers, readLevel } from '../builds/isolation-demand.ts';
import { readShape } from '../builds/shape.ts';
import type { JobCompiler } from '../toolchains/msvc.ts';
import { BuildTrust } from '#server/api';

/** Everything about an attempt that its execution needs. */
export interface LoadedAttempt {
  readonly attemptId: number;
  readonly number: number;
  readonly state: string;
  readonly machineId: string;
  readonly cancelRequested: boolean;
  /** How many of its job's machines were lost before, since the job was last queued by its build or by hand: that is when it took its place in the queue. */
  readonly losses: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly jobId: number;
  readonly position: number;
  readonly spec: JobSpec;
  readonly buildId: number;
  readonly buildNumber: number;
  readonly change: Change;
  readonly projectId: number;
  readonly trust: BuildTrust;
  /** What is known of what is demanded of its machine. */
  readonly isolation: IsolationFacts;
  /** How far into the spool its steps are recorded, in bytes. */
  readonly recordedOffset: number;
}

/** An attempt whose row cannot be read as what this version writes; `problem` in words. */
export interface UnreadableAttempt {
  readonly attemptId: number;
  readonly machineId: string;
  readonly problem: string;
}

type Row = Omit<LoadedAttempt, 'spec' | 'change' | 'trust' | 'isolation'> & {
  spec: unknown;
  change: unknown;
  trust: string;
  shape: string;
  demanded: string;
};

/** Reads those of the attempts that are `owner`'s and have no end. One that cannot be read keeps none of the others back. */
export async function loadAttempts(
  pool: Pool,
  owner: string,
  ids: readonly number[],
): Promise<{ attempts: LoadedAttempt[]; unreadable: UnreadableAttempt[] }> {
  const { rows } = await pool.query<Row>({
    name: 'load-attempts',
    text: `select a.id as "attemptId", a.number, a.state, a.machine_id as "machineId", a.cancel_requested as "cancelRequested",
       extract(epoch from a.started_at)::float8 * 1000 as "startedAt",
       (select count(*)::int from attempts l where l.job_id = j.id and l.lost and l.number < a.number and l.started_at >= j.queued_at) as losses,
       j.id as "jobId", j.position, j.spec, b.id as "buildId", b.number as "buildNumber", b.change, b.trust, j.project_id as "projectId",
       j.shape, p.isolation as demanded,
       coalesce((select max(s.spool_offset) from steps s where s.attempt_id = a.id), 0)::float8 as "recordedOffset"
     from attempts a join jobs j on j.id = a.job_id join builds b on b.id = j.build_id join projects p on p.id = j.project_id
     where a.id = any($1) and a.owner = $2 and a.finished_at is null`,
    values: [ids, owner],
  });
  const attempts: LoadedAttempt[] = [];
  const unreadable: UnreadableAttempt[] = [];
  for (const { shape, demanded, ...row } of rows) {
    const trust = BuildTrust.catch('untrusted').parse(row.trust);
    const spec = JobSpec.safeParse(row.spec);
    const change = Change.safeParse(row.change);
    if (spec.success && change.success)
      attempts.push({ ...row, spec: spec.data, change: change.data, trust, isolation: factsOf(shape, demanded, trust) });
    else
      unreadable.push({
        attemptId: row.attemptId,
        machineId: row.machineId,
        problem: 'its job was written by another version of Terrarium: restart the build',
      });
  }
  return { attempts, unreadable };
}

/** Whether the change is a stranger's is read of its build: the shape is what it was planned by. */
function factsOf(shape: string, demanded: string, trust: BuildTrust): IsolationFacts {
  return { project: readLevel(demanded), stranger: isStrangers(trust), queued: readShape(shape).isolation.level };
}

/**
 * Why an attempt cannot begin, in words: what its job asks for was there when it was planned, and is no more. Its machine's own Python would be another one, and its verdict about that. Null
 * where it has all it needs, or has begun.
 */
export function goneSince(
  { spec, state }: Pick<LoadedAttempt, 'spec' | 'state'>,
  interpreter: Interpreter | null,
  compiler: JobCompiler | null,
): string | null {
  if (state === 'running') return null;
  const { interpreter: python, compiler: wanted } = spec.requirements;
  if (python !== null && interpreter === null) return `Python ${python} is no longer there for its machine`;
  return wanted !== undefined && compiler === null ? `the compiler ${wanted} is no longer there for its machine` : null;
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

/** Whether an attempt has no end yet and is `owner`'s. */
export async function isOurs(pool: Pool, attemptId: number, owner: string): Promise<boolean> {
  const { rowCount } = await pool.query('select 1 from attempts where id = $1 and owner = $2 and finished_at is null', [attemptId, owner]);
  return rowCount === 1;
}

/**
 * What becomes of a machine that has served: whether it is `owner`'s (its own, or one that no row speaks of any more), and until when it is held for a
 * person; null if it is not.
 */
export async function machineAfter(pool: Pool, machineId: string, owner: string): Promise<{ ours: boolean; heldUntil: Date | null }> {
  const { rows } = await pool.query<{ owner: string; heldUntil: Date | null }>({
    name: 'machine-after',
    text: `select m.owner, (select max(a.held_until) from attempts a
         where a.machine_id = m.id and a.held_until is not null and a.held_until > now() and a.finished_at is not null) as "heldUntil"
       from machines m where m.id = $1`,
    values: [machineId],
  });
  const [row] = rows;
  return { ours: row === undefined || row.owner === owner, heldUntil: row?.heldUntil ?? null };
}
