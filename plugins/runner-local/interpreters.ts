import { execFile } from 'node:child_process';
import { readdirSync, realpathSync, statSync } from 'node:fs';
import { userInfo } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import type { Interpreter, KeyValueStore, Logger } from '#plugins/api';
import { abiOf, FLAGS_QUESTION } from '#plugins/kit/python-abi';
import { hasCode } from './processes.ts';

const run = promisify(execFile);
const DEADLINE_MS = 10_000;
const EXECUTABLE = /^(python|pypy|jython)\d*(\.\d+)?t?$/;
/** Says what it is in any Python from 2.4 on: implementation, version, the letters of special builds. */
const QUESTION = [
  'import sys',
  'v = getattr(sys, "pypy_version_info", None) and "pypy" or getattr(getattr(sys, "implementation", None), "name", "cpython")',
  'if sys.platform.startswith("java"): v = "jython"',
  FLAGS_QUESTION,
  'sys.stdout.write("|".join([v, "%d.%d.%d" % tuple(sys.version_info[:3]), f]))',
].join('\n');

/** What was found out about an executable, and of which file. */
const Answer = z.object({
  stamp: z.string(),
  interpreter: z.object({ implementation: z.string(), version: z.string(), flags: z.string() }).nullable(),
});
const Answers = z.record(z.string(), Answer);
type Answers = z.infer<typeof Answers>;

/** The interpreters of this host, and the folders outside the system that they need. */
export interface Found {
  readonly interpreters: readonly Interpreter[];
  readonly folders: readonly string[];
}

/** Where interpreters are: each source is a folder of installations, an installation, or an executable. The first of a name wins. */
export function pythonPlaces(configured: readonly string[]): { executables: string[]; folders: string[] } {
  const collections = [join(userInfo().homedir, '.pyenv/versions'), '/opt/python'];
  const executables = [...configured.flatMap((path) => fromPath(path)), ...collections.flatMap((path) => installations(path))];
  const system = ['/usr/local/bin', '/usr/bin'].flatMap((folder) => inFolder(folder));
  const folders = [...collections.filter((path) => list(path).length > 0), ...configured.map((path) => prefixOf(path))];
  return { executables: [...executables, ...system], folders };
}

/** Asks each executable what it is, a few at a time; an answer is kept as long as the file is the same. */
export async function findInterpreters(
  executables: readonly string[],
  store: KeyValueStore,
  logger: Logger,
  signal: AbortSignal,
): Promise<Interpreter[]> {
  const known = Answers.safeParse(await store.get('interpreters-with-flags'));
  const answers: Answers = {};
  const paths = [...new Set(executables)];
  for (let index = 0; index < paths.length; index += 4) {
    await Promise.all(paths.slice(index, index + 4).map(async (path) => void (answers[path] = await ask(path, known.data?.[path], logger, signal))));
  }
  await store.set('interpreters-with-flags', answers);
  return named(paths, answers);
}

async function ask(path: string, known: Answers[string] | undefined, logger: Logger, signal: AbortSignal): Promise<Answers[string]> {
  const { mtimeMs, size, ino } = statSync(path);
  const stamp = `${mtimeMs} ${size} ${ino}`;
  if (known?.stamp === stamp) return known;
  try {
    const { stdout } = await run(path, ['-E', '-S', '-c', QUESTION], { timeout: DEADLINE_MS, signal, env: {} });
    const [implementation = '', version = '', flags = ''] = stdout.trim().split('|');
    return { stamp, interpreter: { implementation, version, flags } };
  } catch (error) {
    signal.throwIfAborted();
    logger.warn(`${path} looks like a Python but does not answer as one.`, { error: String(error) });
    return { stamp, interpreter: null };
  }
}

function named(paths: readonly string[], answers: Answers): Interpreter[] {
  const found = new Map<string, Interpreter>();
  for (const path of paths) {
    const answer = answers[path]?.interpreter;
    if (answer === null || answer === undefined || !/^\d+\.\d+\.\d+$/.test(answer.version)) continue;
    const short = answer.version.split('.').slice(0, 2).join('.');
    const letters = `${answer.flags.includes('t') ? 't' : ''}${answer.flags.includes('d') ? 'd' : ''}`;
    const name = `${answer.implementation === 'cpython' ? '' : answer.implementation}${short}${letters}`;
    const { implementation, version } = answer;
    const abi = abiOf(implementation, version, answer.flags);
    if (!found.has(name)) found.set(name, { name, implementation, version, ...(abi === null ? {} : { abi }), path });
  }
  return [...found.values()];
}

/** A path that an admin names. */
function fromPath(path: string): string[] {
  if (!isFolder(path)) return list(dirname(path)).includes(basename(path)) ? [path] : [];
  return [...inFolder(join(path, 'bin')).slice(0, 1), ...installations(path)];
}

/** A folder with one installation in each folder: the newest first. */
function installations(folder: string): string[] {
  const names = list(folder).sort((one, other) => other.localeCompare(one, 'en', { numeric: true }));
  return names.flatMap((name) => inFolder(join(folder, name, 'bin')).slice(0, 1));
}

/** The interpreters of a `bin`; each file once, under its fullest name (`python3.11`). */
function inFolder(folder: string): string[] {
  const names = list(folder).filter((name) => EXECUTABLE.test(name));
  const files = new Map<string, string>();
  for (const name of names.sort((one, other) => other.length - one.length || one.localeCompare(other))) {
    const real = realpath(join(folder, name));
    if (real !== null && !files.has(real)) files.set(real, join(folder, name));
  }
  return [...files.values()];
}

/** The installation that an executable belongs to. */
function prefixOf(path: string): string {
  const real = realpath(path) ?? path;
  return isFolder(real) ? real : dirname(dirname(real));
}

function list(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'EACCES')) return [];
    throw error;
  }
}

function realpath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ELOOP', 'EACCES', 'ENOTDIR')) return null;
    throw error;
  }
}

function isFolder(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}
