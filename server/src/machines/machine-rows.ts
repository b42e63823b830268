import type { Pool } from 'pg';
import type { Machine } from './machine.ts';

/** Says that a machine exists and is ready. Before that, only the driver knows it, and the reaper takes what has no row. */
export async function insertReady(pool: Pool, machine: Machine, owner: string, driver: string, image: string): Promise<void> {
  await pool.query(`insert into machines (id, pool, driver, image, state, owner, created_at) values ($1, $2, $3, $4, 'ready', $5, $6)`, [
    machine.id,
    machine.pool,
    driver,
    image,
    owner,
    machine.createdAt,
  ]);
}

/** Forgets machines that are surely gone. */
export async function deleteMachines(pool: Pool, ids: readonly string[]): Promise<void> {
  await pool.query('delete from machines where id = any($1)', [ids]);
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
