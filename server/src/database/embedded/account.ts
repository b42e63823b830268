import { execFile } from 'node:child_process';
import { readFile, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseError, codeOf } from '../errors.ts';

/** Who runs PostgreSQL. It refuses to run as root, so a server started by root gives it away. */
export interface Account {
  /** The user to become, or null: run as we are. */
  become: { uid: number; gid: number } | null;
  /** The one capability that lets that user reach our folders, where their parents are closed to others. */
  capability: 'dac_read_search' | 'dac_override' | null;
}

/** What to spawn. */
export interface Command {
  file: string;
  args: string[];
  options: { uid?: number; gid?: number; cwd: string; env: NodeJS.ProcessEnv };
}

const CANDIDATES = ['postgres', 'nobody'];

/**
 * The account for a data folder (which need not exist) and a program. As root: the owner of the folder, else `postgres`, else `nobody`.
 * Throws `unusable` with what to do.
 */
export async function chooseAccount(data: string, program: string): Promise<Account> {
  const owner = await ownerOf(data);
  const uid = process.geteuid?.();
  if (uid !== 0) {
    if (owner !== null && owner.uid !== uid)
      throw new DatabaseError('unusable', `The database in ${data} belongs to user id ${owner.uid}: start Terrarium as that user, or as root.`);
    return { become: null, capability: null };
  }
  if (owner?.uid === 0)
    throw new DatabaseError(
      'unusable',
      `The database in ${data} belongs to root, as which PostgreSQL never runs: give it to another user with chown -R.`,
    );
  const become = owner ?? (await firstUser());
  return { become, capability: await capabilityFor(become, dirname(data), program) };
}

/** The command that runs `file` as the account, with nothing of our environment. */
export function commandAs(account: Account, file: string, args: string[]): Command {
  const options = { cwd: '/', env: { PATH: process.env['PATH'], LC_ALL: 'C' } };
  const { become, capability } = account;
  if (become === null) return { file, args, options };
  if (capability === null) return { file, args, options: { ...options, ...become } };
  const caps = `-all,+${capability}`;
  const user = ['--reuid', String(become.uid), '--regid', String(become.gid), '--clear-groups'];
  // Without no_setuid_fixup, access(2) looks away from capabilities, and PostgreSQL uses it to find its own programs.
  const keep = ['--inh-caps', caps, '--ambient-caps', caps, '--securebits', '+no_setuid_fixup', '--no-new-privs'];
  return { file: 'setpriv', args: [...user, ...keep, '--', file, ...args], options };
}

async function ownerOf(path: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const { uid, gid } = await stat(path);
    return { uid, gid };
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function firstUser(): Promise<{ uid: number; gid: number }> {
  const users = (await readFile('/etc/passwd', 'utf8')).split('\n').map((line) => line.split(':'));
  for (const name of CANDIDATES) {
    const user = users.find((fields) => fields[0] === name);
    if (user !== undefined) return { uid: Number(user[2]), gid: Number(user[3]) };
  }
  throw new DatabaseError(
    'unusable',
    'PostgreSQL never runs as root, and there is no user postgres or nobody to run it: start Terrarium as an ordinary user, or set DATABASE_URL.',
  );
}

async function capabilityFor(user: { uid: number; gid: number }, folder: string, program: string): Promise<Account['capability']> {
  if ((await isOpenTo(user, folder)) && (await isOpenTo(user, program))) return null;
  for (const capability of ['dac_read_search', 'dac_override'] as const) {
    if (await works({ become: user, capability }, program)) return capability;
  }
  throw new DatabaseError(
    'unusable',
    `Terrarium runs as root and gives PostgreSQL to user id ${user.uid}, who may not enter ${folder} or ${dirname(program)}. ` +
      'Start Terrarium as an ordinary user, or move it and its data to a place every user may enter (not a home folder of mode 0700), or set DATABASE_URL.',
  );
}

/** Whether the user may enter (or run) the path: the x bit on it and on all its parents. */
async function isOpenTo(user: { uid: number; gid: number }, path: string): Promise<boolean> {
  const { mode, uid, gid } = await stat(path);
  const bit = uid === user.uid ? 0o100 : gid === user.gid ? 0o010 : 0o001;
  if ((mode & bit) === 0) return false;
  return dirname(path) === path || isOpenTo(user, dirname(path));
}

async function works(account: Account, program: string): Promise<boolean> {
  const { file, args, options } = commandAs(account, program, ['--version']);
  try {
    await promisify(execFile)(file, args, options);
    return true;
  } catch {
    // Which of the ways fails does not matter: the caller tries the next, and says so when none is left.
    return false;
  }
}
