import type { PoolClient } from 'pg';

/**
 * Whoever moves jobs of a build in a transaction takes the build first: two transactions that take build, jobs and attempts in different orders would
 * wait for each other until PostgreSQL ends one. False if there is no such build.
 */
export async function lockBuild(client: PoolClient, buildId: number): Promise<boolean> {
  const { rowCount } = await client.query('select 1 from builds where id = $1 for update', [buildId]);
  return rowCount === 1;
}
