import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { didYouMean, packageRoot } from '../config/index.ts';
import { readArguments } from './arguments.ts';
import { overview, verbHelp } from './help.ts';
import { type Io, UsageError } from './verb.ts';
import { VERBS } from './verbs.ts';

/** Exit codes: all is well; what was asked for failed; what was typed makes no sense. */
const OK = 0;
const FAILED = 1;
const MISUSED = 2;

/** The `terrarium` command with what was typed behind it. Gives the exit code; tells of every error in a sentence, and throws none. */
export async function runCli(args: readonly string[], io: Io): Promise<number> {
  try {
    return await dispatch(args, io);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    await io.err(`terrarium: ${message}\n`);
    if (!(error instanceof UsageError)) return FAILED;
    await io.err('Try "terrarium --help".\n');
    return MISUSED;
  }
}

async function dispatch([name, ...rest]: readonly string[], io: Io): Promise<number> {
  if (name === undefined) return misused(io);
  if (name === '--version') return say(io, `${await version()}\n`);
  if (name === '--help' || name === '-h') return say(io, overview(VERBS));
  if (name === 'help') return dispatch(rest.length === 0 ? ['--help'] : [...rest.slice(0, 1), '--help'], io);
  const entry = Object.hasOwn(VERBS, name) ? VERBS[name] : undefined;
  if (entry === undefined) throw unknown(name);
  const verb = await entry.load();
  const input = readArguments(rest, verb.options);
  return input.flag('help') ? say(io, verbHelp(name, verb)) : verb.run(input, io);
}

function unknown(name: string): UsageError {
  const what = name.startsWith('-') ? 'option' : 'verb';
  const known = name.startsWith('-') ? ['--help', '--version'] : Object.keys(VERBS);
  return new UsageError(`There is no ${what} ${name}.${didYouMean(name, known)}`);
}

async function misused(io: Io): Promise<number> {
  await io.err(overview(VERBS));
  return MISUSED;
}

async function say(io: Io, text: string): Promise<number> {
  await io.out(text);
  return OK;
}

async function version(): Promise<string> {
  const text = await readFile(join(packageRoot(), 'package.json'), 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
