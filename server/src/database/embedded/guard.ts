import { setTimeout as pause } from 'node:timers/promises';
import { Client, escapeIdentifier } from 'pg';
import { DatabaseError, codeOf } from '../errors.ts';
import { NAME } from './cluster.ts';

/** How to reach an embedded server. */
export interface Address {
  /** The folder of the socket. */
  sockets: string;
  password: string;
}

/** Any number, as long as nothing else locks it in the maintenance database. */
const LOCK = 7_465_727;
/** How long the connection of a killed predecessor may take to be noticed. */
const PATIENCE_MS = 3000;
const WRONG_PASSWORD = 'The file `password` does not belong to the database beside it: restore both from the same backup.';

/**
 * Opens the connection that says "this server is mine": it holds an advisory lock as long as it lives, so no crash can leave it behind.
 * Makes our database if it is missing. Throws `in-use` if another process holds the lock.
 */
export async function openGuard(address: Address): Promise<Client> {
  const client = new Client({
    host: address.sockets,
    user: NAME,
    password: address.password,
    database: 'postgres',
    application_name: `terrarium ${process.pid}`,
  });
  // Without a listener a lost connection would end the process; who opened the guard listens to 'end'.
  client.on('error', () => undefined);
  await client.connect().catch((error: unknown) => {
    throw codeOf(error) === '28P01' ? new DatabaseError('unusable', WRONG_PASSWORD, { cause: error }) : error;
  });
  try {
    await take(client);
    await createDatabase(client);
  } catch (error) {
    await client.end();
    throw error;
  }
  return client;
}

async function take(client: Client): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  for (;;) {
    const { rows } = await client.query<{ taken: boolean }>('select pg_try_advisory_lock($1) as taken', [LOCK]);
    if (rows[0]?.taken) return;
    if (performance.now() > end) throw new DatabaseError('in-use', await whoHolds(client));
    await pause(50);
  }
}

async function whoHolds(client: Client): Promise<string> {
  const { rows } = await client.query<{ name: string }>(
    "select application_name as name from pg_stat_activity join pg_locks using (pid) where locktype = 'advisory' and granted and objid = $1",
    [LOCK],
  );
  const who = rows[0] ? ` (${rows[0].name.replace('terrarium', 'process')})` : '';
  return `Another Terrarium${who} uses this data folder: stop it, or give this one a folder of its own with TERRARIUM_DATA.`;
}

async function createDatabase(client: Client): Promise<void> {
  const { rowCount } = await client.query('select from pg_database where datname = $1', [NAME]);
  if (rowCount === 0) await client.query(`create database ${escapeIdentifier(NAME)}`);
}
