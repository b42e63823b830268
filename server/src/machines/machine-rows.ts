import type { Pool } from 'pg';
import { Batcher } from '../common/batcher.ts';
import type { Machine } from './machine.ts';

/** A machine that has just become ready, as it is written down. */
export interface ReadyRow {
  readonly machine: Machine;
  readonly owner: string;
  /** The runner's instance. */
  readonly driver: string;
  readonly image: string;
}

/** Writes machines down and forgets them, many at once where many come at once. */
export class MachineRows {
  private readonly inserts: Batcher<ReadyRow, undefined>;
  private readonly deletes: Batcher<string, undefined>;

  constructor(pool: Pool) {
    this.inserts = new Batcher(async (rows) => {
      await insertReady(pool, rows);
      return rows.map(() => undefined);
    });
    this.deletes = new Batcher(async (ids) => {
      await deleteMachines(pool, ids);
      return ids.map(() => undefined);
    });
  }

  /** Says that a machine exists and is ready. Before that, only the driver knows it, and the reaper takes what has no row. */
  async ready(row: ReadyRow): Promise<void> {
    await this.inserts.add(row);
  }

  /** Forgets a machine that is surely gone. */
  async gone(id: string): Promise<void> {
    await this.deletes.add(id);
  }
}

async function insertReady(pool: Pool, rows: readonly ReadyRow[]): Promise<void> {
  await pool.query({
    name: 'insert-ready-machines',
    text: `insert into machines (id, pool, driver, image, state, owner, created_at)
      select id, pool, driver, image, 'ready', owner, created_at
      from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::timestamptz[]) as r (id, pool, driver, image, owner, created_at)`,
    values: [
      rows.map(({ machine }) => machine.id),
      rows.map(({ machine }) => machine.pool),
      rows.map(({ driver }) => driver),
      rows.map(({ image }) => image),
      rows.map(({ owner }) => owner),
      rows.map(({ machine }) => machine.createdAt),
    ],
  });
}

async function deleteMachines(pool: Pool, ids: readonly string[]): Promise<void> {
  await pool.query({ name: 'delete-machines', text: 'delete from machines where id = any($1)', values: [ids] });
}

/** A machine that an earlier process left, and the attempt on it that has no end yet. */
export interface LeftMachine {
  readonly id: string;
  readonly pool: string;
  readonly driver: string;
  readonly state: string;
  readonly busy: boolean;
  readonly createdAt: Date;
}

/** Takes over all machines; from then on an earlier owner's writes are refused. */
export async function takeOverMachines(pool: Pool, owner: string): Promise<LeftMachine[]> {
  const { rows } = await pool.query<LeftMachine>(
    `update machines m set owner = $1
     returning id, pool, driver, state, created_at as "createdAt",
       exists (select 1 from attempts a where a.machine_id = m.id and a.finished_at is null) as busy`,
    [owner],
  );
  return rows;
}

/** Which of the machines no row names, whoever's: nobody wants them. */
export async function withoutRow(pool: Pool, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const { rows } = await pool.query<{ id: string }>('select id from machines where id = any($1)', [ids]);
  const known = new Set(rows.map((row) => row.id));
  return ids.filter((id) => !known.has(id));
}

/** Says that a machine that waits is to be destroyed; false if it waits no longer: a job has just been given it. */
export async function withdrawReady(pool: Pool, id: string): Promise<boolean> {
  const { rowCount } = await pool.query("update machines set state = 'destroying', since = now() where id = $1 and state = 'ready'", [id]);
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
