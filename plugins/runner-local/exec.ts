import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, constants, fstatSync, lstatSync, openSync, rmSync, writeFileSync, writeSync } from 'node:fs';
import { constants as system } from 'node:os';
import { join } from 'node:path';
import { PluginError } from '#plugins/api';
import { REQUESTS_PIPE, requestText } from './control.ts';
import { hasCode } from './processes.ts';
import { type Owner, SafeFolder } from './safe-files.ts';

/** A command that was started. */
export interface Launched {
  /** Its number, which its processes carry in their environment as TERRARIUM_EXEC. */
  readonly number: string;
  /** The file that its output goes to, open for reading, which whoever launched it closes; null if nobody wants it. */
  readonly output: number | null;
  /** The exit code, as soon as there is one. */
  exitCode(): number | null;
  /** Takes it back, if it has not begun yet; it then ends at once. */
  withdraw(): void;
  /** Forgets all about it. */
  clean(): void;
}

/**
 * Unique over all processes that may ever talk to one machine, and not to be guessed: what a job puts into the folder of replies lies in the way of nothing. 128 bits, as
 * digits, which is all that control shells of earlier servers take.
 */
function newNumber(): string {
  return BigInt(`0x${randomBytes(16).toString('hex')}`).toString();
}

/** Whom to ask, and for what. */
export interface Launch {
  /** The machine's, on the host. */
  readonly folder: string;
  /** Whom the files belong to that the command writes to. */
  readonly owner: Owner;
  readonly argv: readonly string[];
  /** Whether anybody wants its output. */
  readonly output: boolean;
}

/** Asks the control shell of a sandbox to run a command. Throws `unavailable` if no shell waits there. */
export function launchInside({ folder, owner, argv, output: wanted }: Launch): Launched {
  const number = newNumber();
  const request = join(folder, 'control', number);
  const replies = new SafeFolder(join(folder, 'replies'), owner);
  const code = join(folder, 'replies', `${number}.code`);
  // Made and opened here: whatever the job puts under its name later, what is read is this file.
  const output = wanted ? replies.create(`${number}.output`) : null;
  const launched = {
    number,
    output,
    // Most looks find nothing yet: an error for each would cost more than all the rest.
    exitCode: () => (lstatSync(code, { throwIfNoEntry: false }) === undefined ? null : readCode(replies, number)),
    withdraw: () => rmSync(request, { force: true }),
    clean() {
      rmSync(request, { force: true });
      for (const name of wanted ? ['output', 'code'] : ['code']) replies.remove(`${number}.${name}`);
    },
  };
  try {
    writeFileSync(request, requestText(argv, wanted), { mode: 0o644, flag: 'wx' });
    announce(join(folder, 'replies', REQUESTS_PIPE), number);
    return launched;
  } catch (error) {
    if (output !== null) closeSync(output);
    launched.withdraw();
    throw error;
  }
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

/** The shell writes the code and its line feed at once; the file is there a moment before. What else is in it, the job has written. */
function readCode(replies: SafeFolder, number: string): number | null {
  const text = replies.readSmall(`${number}.code`);
  if (text === null || text === '') return null;
  if (!/^\d{1,3}\n$/.test(text)) throw new PluginError('invalid', 'The job has written to the reply that tells how a command ended.');
  return Number(text);
}

/** Runs a command without sandbox; `ring` is called when it has ended. */
export function launchHere(
  { folder, owner, argv, output: wanted }: Launch,
  environment: Readonly<Record<string, string>>,
  ring: () => void,
): Launched {
  const number = newNumber();
  const [program = '', ...rest] = argv;
  const replies = new SafeFolder(join(folder, 'replies'), owner);
  const descriptor = replies.create(`${number}.output`);
  let code: number | null = null;
  try {
    const env = { ...environment, TERRARIUM_EXEC: number };
    const child = spawn(program, rest, { cwd: join(folder, 'folder'), env, detached: true, stdio: ['ignore', descriptor, descriptor] });
    child.once('error', (error) => {
      writeFileSync(join(folder, 'replies', `${number}.output`), `${error.message}\n`, { flag: 'a' });
      code = hasCode(error, 'ENOENT') ? 127 : 126;
      ring();
    });
    child.once('exit', (exitCode, name) => {
      code = exitCode ?? 128 + (name === null ? 0 : system.signals[name]);
      ring();
    });
    child.unref();
  } catch (error) {
    closeSync(descriptor);
    throw error;
  }
  if (!wanted) closeSync(descriptor);
  const output = wanted ? descriptor : null;
  return { number, output, exitCode: () => code, withdraw: () => undefined, clean: () => replies.remove(`${number}.output`) };
}
