import { spawn } from 'node:child_process';
import { closeSync, constants, fstatSync, lstatSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { constants as system } from 'node:os';
import { join } from 'node:path';
import { PluginError } from '#plugins/api';
import { REQUESTS_PIPE, requestText } from './control.ts';
import { hasCode } from './processes.ts';
import { SafeFolder } from './safe-files.ts';

/** A command that was started. Its output is the file `NUMBER.output` in the folder of replies. */
export interface Launched {
  /** Its number, which its processes carry in their environment as TERRARIUM_EXEC. */
  readonly number: string;
  /** The exit code, as soon as there is one. */
  exitCode(): number | null;
  /** Takes it back, if it has not begun yet; it then ends at once. */
  withdraw(): void;
  /** Forgets all about it. */
  clean(): void;
}

/** Unique over all processes that may ever talk to one machine: microseconds of now, and a counter. */
let last = 0;
function nextNumber(): string {
  last = Math.max(last + 1, Date.now() * 1000);
  return String(last);
}

/** Asks the control shell of a sandbox to run a command; `output`: whether its output is wanted. Throws `unavailable` if no shell waits there. */
export function launchInside(folder: string, argv: readonly string[], output: boolean): Launched {
  const number = nextNumber();
  const request = join(folder, 'control', number);
  writeFileSync(request, requestText(argv, output), { mode: 0o644, flag: 'wx' });
  announce(join(folder, 'replies', REQUESTS_PIPE), number);
  const replies = new SafeFolder(join(folder, 'replies'), null);
  const code = join(folder, 'replies', `${number}.code`);
  return {
    number,
    // Most looks find nothing yet: an error for each would cost more than all the rest.
    exitCode: () => (lstatSync(code, { throwIfNoEntry: false }) === undefined ? null : readCode(replies, number)),
    withdraw: () => rmSync(request, { force: true }),
    clean() {
      rmSync(request, { force: true });
      for (const name of output ? ['output', 'code'] : ['code']) replies.remove(`${number}.${name}`);
    },
  };
}

/** One small write, which a pipe takes whole or not at all. */
function announce(path: string, number: string): void {
  let pipe: number | null = null;
  try {
    pipe = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK | constants.O_NOFOLLOW);
    if (!fstatSync(pipe).isFIFO()) throw new PluginError('unavailable', 'The machine has lost its way in.');
    writeSync(pipe, `${number}\n`);
  } catch (error) {
    if (hasCode(error, 'ENXIO', 'ENOENT', 'EPIPE', 'EAGAIN', 'ELOOP', 'ENOTDIR', 'EISDIR', 'EACCES'))
      throw new PluginError('unavailable', 'The machine does not answer.', { cause: error });
    throw error;
  } finally {
    if (pipe !== null) closeSync(pipe);
  }
}

/** The shell writes the code and its line feed at once; the file is there a moment before. */
function readCode(replies: SafeFolder, number: string): number | null {
  const text = replies.readSmall(`${number}.code`);
  return text === null || !/^\d{1,3}\n$/.test(text) ? null : Number(text);
}

/** Runs a command without sandbox. */
export function launchHere(folder: string, argv: readonly string[], environment: Readonly<Record<string, string>>, ring: () => void): Launched {
  const number = nextNumber();
  const [program = '', ...rest] = argv;
  const output = join(folder, 'replies', `${number}.output`);
  const descriptor = openSync(output, 'ax', 0o600);
  let code: number | null = null;
  try {
    const env = { ...environment, TERRARIUM_EXEC: number };
    const child = spawn(program, rest, { cwd: join(folder, 'folder'), env, detached: true, stdio: ['ignore', descriptor, descriptor] });
    child.once('error', (error) => {
      writeFileSync(output, `${error.message}\n`, { flag: 'a' });
      code = hasCode(error, 'ENOENT') ? 127 : 126;
      ring();
    });
    child.once('exit', (exitCode, name) => {
      code = exitCode ?? 128 + (name === null ? 0 : system.signals[name]);
      ring();
    });
    child.unref();
  } finally {
    closeSync(descriptor);
  }
  return { number, exitCode: () => code, withdraw: () => undefined, clean: () => rmSync(output, { force: true }) };
}
