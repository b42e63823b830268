import type { TestDatabase } from '../../../../test/support/database.ts';

/** An account without a password. Gives its id. */
export async function addAccount(database: TestDatabase, name: string, role: string | null): Promise<number> {
  return await insert(database, 'insert into accounts (name, key, role) values ($1, lower($1), $2) returning id', [name, role]);
}

/** A project whose repository is nowhere. Gives its id. */
export async function addProject(database: TestDatabase, name: string, scm = 'git'): Promise<number> {
  return await insert(database, `insert into projects (name, url, scm) values ($1, '/nonexistent/' || $1, $2) returning id`, [name, scm]);
}

async function insert(database: TestDatabase, statement: string, values: unknown[]): Promise<number> {
  const { rows } = await database.pool.query<{ id: number }>(statement, values);
  const [row] = rows;
  if (row === undefined) throw new Error('nothing was inserted');
  return row.id;
}
