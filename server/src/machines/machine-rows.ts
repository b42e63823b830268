import type { Pool } from 'pg';
import { Batcher } from '../common/batcher.ts';
import type { Machine } from './machine.ts';

/** A machine with where it comes from, as it is written down. */
export interface MachineRow {
  readonly machine: Machine;
  /** The runner's instance. */
  readonly driver: string;
  readonly image: string;
}

/** Writes machines down, and what their lives were once they are gone; many at once where many come at once. */
export class MachineRows {
  private readonly inserts: Batcher<MachineRow, undefined>;
  private readonly ends: Batcher<MachineRow, undefined>;

  constructor(pool: Pool, owner: string) {
    this.inserts = new Batcher(async (rows) => {
      await insertReady(pool, owner, rows);
      return rows.map(() => undefined);
    });
    this.ends = new Batcher(async (rows) => {
      await endMachines(pool, rows);
      return rows.map(() => undefined);
    });
  }

  /** Says that a machine exists and is ready. Before that, only the driver knows it, and the reaper takes what has no row. */
  async ready(row: MachineRow): Promise<void> {
    await this.inserts.add(row);
  }

  /** A machine is surely gone: in its place there is its life. */
  async gone(row: MachineRow): Promise<void> {
    if (row.machine.wasBegun) await this.ends.add(row);
  }
}

async function insertReady(pool: Pool, owner: string, rows: readonly MachineRow[]): Promise<void> {
  await pool.query({
    name: 'insert-ready-machines',
    text: `insert into machines (id, pool, driver, image, host, image_digest, state, owner, created_at)
      select id, pool, driver, image, host, digest, 'ready', $1, created_at
      from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::timestamptz[])
        as r (id, pool, driver, image, host, digest, created_at)`,
    values: [owner, ...originsOf(rows)],
  });
}

async function endMachines(pool: Pool, rows: readonly MachineRow[]): Promise<void> {
  await pool.query({
    name: 'end-machines',
    text: `with gone as (delete from machines where id = any($1))
      insert into machine_lives (id, pool, driver, image, host, image_digest, created_at, ready_at, assigned_at, released_at, job_id, reason, gone_at)
      select r.* from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[],
        $8::timestamptz[], $9::timestamptz[], $10::timestamptz[], $11::int[], $12::text[], $13::timestamptz[]) as r
      on conflict (id) do nothing`,
    values: [
      ...originsOf(rows),
      rows.map(({ machine }) => machine.readyAt),
      rows.map(({ machine }) => machine.assignedAt),
      rows.map(({ machine }) => machine.releasedAt),
      rows.map(({ machine }) => machine.jobId),
      rows.map(({ machine }) => machine.ending),
      rows.map(() => new Date()),
    ],
  });
}

/** The columns id, pool, driver, image, host, digest and created_at. */
function originsOf(rows: readonly MachineRow[]): unknown[] {
  return [
    rows.map(({ machine }) => machine.id),
    rows.map(({ machine }) => machine.pool),
    rows.map(({ driver }) => driver),
    rows.map(({ image }) => image),
    rows.map(({ machine }) => machine.origin.host),
    rows.map(({ machine }) => machine.origin.digest),
    rows.map(({ machine }) => machine.createdAt),
  ];
}
