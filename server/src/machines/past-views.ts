import type { Pool } from 'pg';
import type { MachineLife, PoolHistory } from '#server/api';
import type { Machine } from './machine.ts';

/** A machine's life, its job by its id only. */
export type Life = Omit<MachineLife, 'job'> & { readonly jobId: number | null };

type LifeRow = Pick<Life, 'id' | 'pool' | 'image' | 'imageDigest' | 'host' | 'jobId' | 'reason'> &
  Readonly<Record<'createdAt' | 'goneAt', Date>> &
  Readonly<Record<'readyAt' | 'assignedAt' | 'releasedAt', Date | null>>;

interface SampleRow {
  readonly pool: string;
  readonly at: Date;
  readonly ready: number;
  readonly creating: number;
  readonly busy: number;
  readonly waiting: number;
}

/** How many points a pool's history has at most. */
const POINTS = 360;
const MINUTE_SECONDS = 60;

/** The life of a machine that exists. */
export function lifeOf(machine: Machine, image: string): Life {
  return {
    id: machine.id,
    pool: machine.pool,
    image,
    imageDigest: machine.origin.digest,
    host: machine.origin.host,
    createdAt: machine.createdAt.toISOString(),
    readyAt: moment(machine.readyAt),
    assignedAt: moment(machine.assignedAt),
    releasedAt: moment(machine.releasedAt),
    goneAt: null,
    jobId: machine.jobId,
    reason: machine.reason,
  };
}

/** The `living`, the youngest first, then those that are gone, the last first; `limit` in all. */
export async function readLives(pool: Pool, living: readonly Life[], limit: number, name: string | null): Promise<MachineLife[]> {
  const first = living.toSorted((one, other) => other.createdAt.localeCompare(one.createdAt)).slice(0, limit);
  const { rows } = await pool.query<LifeRow>(
    `select id, pool, image, image_digest as "imageDigest", host, created_at as "createdAt", ready_at as "readyAt", assigned_at as "assignedAt",
       released_at as "releasedAt", gone_at as "goneAt", job_id as "jobId", reason
     from machine_lives where $2::text is null or pool = $2 order by gone_at desc, id limit $1`,
    [limit - first.length, name],
  );
  return await withJobs(pool, [...first, ...rows.map(pastLife)]);
}

/** Samples are thinned by the most of each stretch of time, so that no peak is lost. */
export async function readPoolHistory(pool: Pool, names: readonly string[], hours: number, now: Date): Promise<PoolHistory[]> {
  const step = Math.ceil((hours * 3600) / POINTS / MINUTE_SECONDS) * MINUTE_SECONDS;
  const last = Math.floor(now.getTime() / 1000 / step) * step;
  const first = last - (Math.ceil((hours * 3600) / step) - 1) * step;
  const { rows } = await pool.query<SampleRow>(
    `select pool, to_timestamp(floor(extract(epoch from at) / $1) * $1) as at, max(ready) as ready, max(creating) as creating, max(busy) as busy,
       max(waiting) as waiting
     from pool_samples where at >= to_timestamp($2) and at <= $3 group by 1, 2 order by 1, 2`,
    [step, first, now],
  );
  const all = new Map<string, PoolHistory['samples']>(names.map((name) => [name, []]));
  for (const { pool: name, at, ...numbers } of rows) {
    const samples = all.get(name) ?? [];
    samples.push({ at: at.toISOString(), ...numbers });
    all.set(name, samples);
  }
  return [...all].map(([name, samples]) => ({ pool: name, samples }));
}

/** Jobs as machines show them, by their ids; those that are no more are not there. */
export async function readJobs(pool: Pool, ids: readonly number[]): Promise<Map<number, NonNullable<MachineLife['job']>>> {
  if (ids.length === 0) return new Map();
  const { rows } = await pool.query<NonNullable<MachineLife['job']>>(
    `select id, spec->>'name' as name, build_id as "buildId" from jobs where id = any($1)`,
    [[...new Set(ids)]],
  );
  return new Map(rows.map((job) => [job.id, job]));
}

async function withJobs(pool: Pool, lives: readonly Life[]): Promise<MachineLife[]> {
  const jobs = await readJobs(
    pool,
    lives.flatMap(({ jobId }) => jobId ?? []),
  );
  return lives.map(({ jobId, ...life }) => ({ ...life, job: jobs.get(jobId ?? 0) ?? null }));
}

function pastLife(row: LifeRow): Life {
  return {
    ...row,
    createdAt: row.createdAt.toISOString(),
    readyAt: moment(row.readyAt),
    assignedAt: moment(row.assignedAt),
    releasedAt: moment(row.releasedAt),
    goneAt: row.goneAt.toISOString(),
  };
}

function moment(at: Date | null): string | null {
  return at?.toISOString() ?? null;
}
