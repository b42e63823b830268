import type { Pool } from 'pg';
import { Machine } from './machine.ts';
import type { MachineRow } from './machine-rows.ts';

/** A machine that an earlier process left. */
export interface LeftMachine {
  readonly id: string;
  readonly pool: string;
  readonly driver: string;
  readonly image: string;
  readonly host: string | null;
  readonly digest: string | null;
  readonly createdAt: Date;
  readonly readyAt: Date;
  /** When it entered its state. */
  readonly since: Date;
  /** There is an attempt on it that has no end yet. */
  readonly busy: boolean;
  /** Until when it is held for a person, its attempt having ended; null: it is not. In the future. */
  readonly heldUntil: Date | null;
  /** The job of either attempt. */
  readonly jobId: number | null;
}

/** Takes over all machines; from then on an earlier owner's writes are refused. */
export async function takeOverMachines(pool: Pool, owner: string): Promise<LeftMachine[]> {
  const { rows } = await pool.query<LeftMachine>(
    `with taken as (update machines set owner = $1 returning *)
     select t.id, t.pool, t.driver, t.image, t.host, t.image_digest as digest, t.created_at as "createdAt", t.ready_at as "readyAt", t.since,
       live.job_id is not null as busy, held.held_until as "heldUntil", coalesce(live.job_id, held.job_id) as "jobId"
     from taken t
     left join lateral (select job_id from attempts where machine_id = t.id and finished_at is null limit 1) live on true
     left join lateral (
       select job_id, held_until from attempts where machine_id = t.id and held_until is not null and held_until > now() and finished_at is not null
       order by held_until desc limit 1) held on true`,
    [owner],
  );
  return rows;
}

/** The machine as its pool is to know it: assigned as long as somebody needs it. */
export function adoptable(left: LeftMachine): Machine {
  const used = left.busy || left.heldUntil !== null;
  const machine = new Machine(left.id, left.pool, used ? 'assigned' : 'ready', left.createdAt);
  machine.origin = { host: left.host, digest: left.digest };
  machine.readyAt = left.readyAt;
  machine.jobId = left.jobId;
  if (used) machine.assignedAt = left.since;
  return machine;
}

/** The machine as it ends, for its life's row. */
export function endedRow(left: LeftMachine, reason: string): MachineRow {
  const machine = adoptable(left);
  machine.ending = reason;
  return { machine, driver: left.driver, image: left.image };
}

/** Which of the machines no row names, whoever's: nobody wants them. */
export async function withoutRow(pool: Pool, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query<{ id: string }>('select id from machines where id = any($1)', [ids]);
  const known = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !known.has(id));
}

/** Says that a machine of `owner` that waits is to be destroyed; false if it waits no longer: a job has just been given it, or it is another server's now. */
export async function withdrawReady(pool: Pool, owner: string, id: string): Promise<boolean> {
  const { rowCount } = await pool.query("update machines set state = 'destroying', since = now() where id = $1 and owner = $2 and state = 'ready'", [
    id,
    owner,
  ]);
  return rowCount === 1;
}

/** Whether nobody but `owner` has taken any machine or attempt, and all of `owner`'s machines `ids` are still written down. */
export async function nobodyTookOver(pool: Pool, owner: string, ids: readonly string[]): Promise<boolean> {
  const { rows } = await pool.query<{ untouched: boolean }>(
    `select not exists (select 1 from machines where owner <> $1)
       and not exists (select 1 from attempts where finished_at is null and owner is distinct from $1)
       and (select count(*) from machines where owner = $1 and id = any($2)) = cardinality($2::text[]) as untouched`,
    [owner, ids],
  );
  return rows[0]?.untouched === true;
}

/** Of machines that are held: until when, as their attempts say; one that is to be held no longer is not among them. */
export async function heldMachines(pool: Pool, ids: readonly string[]): Promise<Map<string, Date>> {
  const { rows } = await pool.query<{ id: string; until: Date }>(
    `select machine_id as id, max(held_until) as until from attempts where machine_id = any($1) and held_until is not null and held_until > now()
     group by machine_id`,
    [ids],
  );
  return new Map(rows.map(({ id, until }) => [id, until]));
}
