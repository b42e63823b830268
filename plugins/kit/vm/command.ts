import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** A program with its arguments; no shell reads them. */
export interface Command {
  readonly argv: readonly [string, ...string[]];
  /** What errors call it; the program if absent. */
  readonly title?: string;
  readonly cwd?: string;
  /** More variables of its environment. */
  readonly env?: Readonly<Record<string, string>>;
  /** Told each line of its standard error. */
  readonly onLine?: (line: string) => void;
  /** How many bytes it may say; 64 MB if absent. */
  readonly maxOutput?: number;
}

/** A program that could not be started, or ended with something else than 0. */
export class CommandError extends Error {
  /** Null if it could not be started. */
  readonly exitCode: number | null;

  constructor(message: string, exitCode: number | null, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

const LARGEST_OUTPUT = 64 * 1024 * 1024;
const LINES_OF_ERROR = 12;

/**
 * Runs a program in a process group of its own, and gives its standard output once it has ended with 0. The group is killed when the signal aborts, and the
 * signal's reason thrown when it is gone; the program itself is killed, too, when this process dies.
 */
export async function runCommand(command: Command, signal: AbortSignal): Promise<Buffer> {
  signal.throwIfAborted();
  const [program, ...args] = ['setpriv', '--pdeathsig', 'KILL', ...command.argv];
  const child = spawn(program, args, {
    cwd: command.cwd,
    env: { ...plainEnvironment(), ...command.env },
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const stop = (): void => killGroup(child);
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await outcome(child, command);
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

async function outcome(child: ChildProcess, command: Command): Promise<Buffer> {
  const title = command.title ?? command.argv[0];
  const limit = command.maxOutput ?? LARGEST_OUTPUT;
  const output: Buffer[] = [];
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) output.push(chunk);
    else killGroup(child);
  });
  const tail: string[] = [];
  if (child.stderr) {
    createInterface({ input: child.stderr }).on('line', (line) => {
      command.onLine?.(line);
      tail.push(line);
      if (tail.length > LINES_OF_ERROR) tail.shift();
    });
  }
  const { code, by } = await ended(child, title);
  if (size > limit) throw new CommandError(`${title} said more than ${limit} bytes.`, code);
  if (code === 0) return Buffer.concat(output);
  const how = code === null ? `was killed by ${by ?? 'a signal'}` : `ended with ${code}`;
  throw new CommandError(`${title} ${how}${tail.length > 0 ? `:\n${tail.join('\n')}` : '.'}`, code);
}

function ended(child: ChildProcess, title: string): Promise<{ code: number | null; by: NodeJS.Signals | null }> {
  return new Promise((resolve, reject) => {
    child.once('error', (cause) => reject(new CommandError(`${title} cannot be started.`, null, { cause })));
    child.once('close', (code, by) => resolve({ code, by }));
  });
}

function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    // ESRCH: the group has ended already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Nothing of the server's environment reaches what is built; a proxy has to be in apt's own configuration. */
function plainEnvironment(): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: '/root',
    LC_ALL: 'C.UTF-8',
    DEBIAN_FRONTEND: 'noninteractive',
  };
}
