import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, link, mkdir, mkdtemp, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Logger } from '#plugins/api';
import { DatabaseError, codeOf, messageOf } from '../errors.ts';
import { commandAs, type Account } from './account.ts';
import type { Binaries } from './binaries.ts';
import { explain } from './trouble.ts';

/** The superuser of the embedded server and the name of its one database. */
export const NAME = 'terrarium';

/** Where the parts of an embedded server are. */
export interface Places {
  /** The folder that was given to us; everything else is in it. */
  folder: string;
  data: string;
  password: string;
  log: string;
}

/** The places in a folder. */
export function placesIn(folder: string): Places {
  return { folder, data: join(folder, 'data'), password: join(folder, 'password'), log: join(folder, 'postgres.log') };
}

/** Makes the data folder if it is missing, and returns the superuser's password. Throws a sentence for one that we cannot use. */
export async function ensureCluster(places: Places, account: Account, binaries: Binaries, logger: Logger): Promise<string> {
  const version = await versionOf(places.data);
  const password = await readPassword(places, version !== null);
  if (version === null) await create(places, account, binaries, password, logger);
  else if (version !== binaries.major) throw otherVersion(places.data, version, binaries.major);
  return password;
}

async function versionOf(data: string): Promise<number | null> {
  try {
    return Number((await readFile(join(data, 'PG_VERSION'), 'utf8')).trim());
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  if (await exists(data))
    throw new DatabaseError('unusable', `${data} is not a PostgreSQL data folder (it has no PG_VERSION): move it away, or restore a backup of it.`);
  return null;
}

function otherVersion(data: string, found: number, brought: number): DatabaseError {
  return new DatabaseError(
    'version',
    `The database in ${data} was written by PostgreSQL ${found}, and this Terrarium brings ${brought}. Go back to the Terrarium you had, ` +
      `dump the database with pg_dump, move the folder away, start this one and load the dump; or run PostgreSQL ${found} yourself and set DATABASE_URL.`,
  );
}

/** Two processes that start at once agree on one password: whoever links it first has made it. */
async function readPassword(places: Places, isOld: boolean): Promise<string> {
  try {
    return (await readFile(places.password, 'utf8')).trim();
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
  if (isOld)
    throw new DatabaseError(
      'unusable',
      `${places.password} is missing, without which the database beside it cannot be opened: restore it from a backup.`,
    );
  const mine = `${places.password}.${process.pid}`;
  await writeFile(mine, randomBytes(32).toString('hex'), { mode: 0o600 });
  await link(mine, places.password).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  await rm(mine);
  return readPassword(places, isOld);
}

/** initdb works in a folder of its own that is renamed when it is whole: a start that was killed leaves nothing that counts. */
async function create(places: Places, account: Account, binaries: Binaries, password: string, logger: Logger): Promise<void> {
  logger.info('making a new database; this happens once and takes a second or two', { folder: places.data });
  const work = await mkdtemp(join(places.folder, 'new-'));
  try {
    const secret = join(work, 'password');
    await writeFile(secret, `${password}\n`, { mode: 0o600 });
    await giveTo(account, work);
    await giveTo(account, secret);
    await initdb(places, account, binaries, join(work, 'data'), secret);
    await rename(join(work, 'data'), places.data).catch((error: unknown) => {
      // Somebody else was faster; theirs is as good and has the same password.
      if (codeOf(error) !== 'ENOTEMPTY' && codeOf(error) !== 'EEXIST') throw error;
    });
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

async function initdb(places: Places, account: Account, binaries: Binaries, data: string, secret: string): Promise<void> {
  // The built-in C.UTF-8 sorts the same on every system and never changes under an index, as a C library's locales do.
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  // The password has 256 random bits: many rounds of hashing protect nothing and cost time at every connection.
  const access = [`--username=${NAME}`, `--pwfile=${secret}`, '--auth=scram-sha-256', '--set=scram_iterations=64'];
  // One call for the whole file system instead of one for each of a thousand files: seconds on a busy disk.
  const sync = process.platform === 'linux' ? ['--sync-method=syncfs'] : [];
  const { file, args, options } = commandAs(account, binaries.initdb, ['-D', data, ...locale, ...access, ...sync, '--no-instructions']);
  try {
    await promisify(execFile)(file, args, options);
  } catch (error) {
    throw explain(error instanceof Error && 'stderr' in error ? String(error.stderr) : messageOf(error), places.folder);
  }
}

/** The folder of the socket, made and ours alone. A socket's path is short by law (103 bytes), so a deep folder gets one in the temporary folder. */
export async function ensureSockets(path: string, account: Account): Promise<void> {
  await mkdir(path, { mode: 0o700 }).catch((error: unknown) => {
    if (codeOf(error) !== 'EEXIST') throw error;
  });
  const { uid } = await stat(path);
  const allowed = [process.geteuid?.(), account.become?.uid];
  if (!allowed.includes(uid))
    throw new DatabaseError('unusable', `${path} belongs to user id ${uid}: remove it, it would hold the database's socket.`);
  await chmod(path, 0o700);
  await giveTo(account, path);
}

async function giveTo(account: Account, path: string): Promise<void> {
  if (account.become !== null) await chown(path, account.become.uid, account.become.gid);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    (error: unknown) => {
      if (codeOf(error) === 'ENOENT') return false;
      throw error;
    },
  );
}
