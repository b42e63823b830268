import { spawn, type ChildProcess } from 'node:child_process';
import { PluginError } from '#plugins/api';
import { scrub } from './scrub.ts';

/** A program of this computer that repositories are read by. */
export interface ProgramDescription {
  /** As sentences name it: `git`. */
  readonly title: string;
  /** Its name, or an absolute path. */
  readonly program: string;
  /** What to do where it cannot be started: `install git 2.20 or newer`. */
  readonly remedy: string;
  /** How long one run may take. */
  readonly timeoutMs: number;
  /** The error of a run that ended with another code than 0; `detail` is the end of its standard error without credentials and terminal codes. */
  readonly failure: (action: string, exitCode: number, detail: string) => Error;
}

/** One run of a program. */
export interface ProgramCall {
  /** Never holds a secret: every user of the machine can read a command line. */
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** What must not appear in errors. */
  readonly secrets?: readonly string[];
  readonly input?: string;
  /** A file descriptor that takes the standard output, which is empty in the result then. */
  readonly outputTo?: number;
}

const GRACE_MS = 2000;
const LARGEST_OUTPUT = 256 * 1024 * 1024;
const LARGEST_STDERR = 64 * 1024;

/** Runs a program, each time in a process group of its own so that an abort reaches helpers such as ssh, too. */
export class Program {
  private readonly description: ProgramDescription;

  constructor(description: ProgramDescription) {
    this.description = description;
  }

  /** Standard output of a run that ended with 0. Throws what `failure` makes, the signal's reason, or `unavailable` after the time limit. */
  async run(call: ProgramCall, signal: AbortSignal): Promise<Buffer> {
    signal.throwIfAborted();
    const child = this.spawn(call);
    const output = collect(child, LARGEST_OUTPUT);
    child.stdin?.end(call.input ?? '');
    try {
      await this.finish(child, call, signal);
    } catch (cause) {
      if (!output.overflow) throw cause;
      throw new PluginError('invalid', `${this.nameOf(call)} gave more than 256 MB: the repository is too large for this.`, { cause });
    }
    return Buffer.concat(output.chunks);
  }

  /** A run to talk with over its standard input and output. The caller must await `finish` in the end. */
  spawn(call: ProgramCall): ChildProcess {
    const child = spawn(this.description.program, [...call.args], {
      cwd: call.cwd,
      env: { ...call.env },
      detached: true,
      stdio: ['pipe', call.outputTo ?? 'pipe', 'pipe'],
    });
    // Whoever stops reading early makes the pipe break; the exit code tells what matters.
    child.stdin?.on('error', () => undefined);
    return child;
  }

  /** Waits until the process and its pipes are gone; kills the group when the signal aborts or the time is over. */
  async finish(child: ChildProcess, call: ProgramCall, signal: AbortSignal): Promise<void> {
    const { timeoutMs, failure } = this.description;
    const stderr = collectTail(child);
    const timeout = AbortSignal.timeout(timeoutMs);
    const stop = (): void => killGroup(child);
    for (const each of [signal, timeout]) each.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const code = await this.exitOf(child).finally(() => {
      for (const each of [signal, timeout]) each.removeEventListener('abort', stop);
    });
    signal.throwIfAborted();
    if (timeout.aborted) throw new PluginError('unavailable', `${this.nameOf(call)} took longer than ${timeoutMs / 1000} seconds: was stopped.`);
    if (code !== 0) throw failure(actionOf(call), code, scrub(stderr(), call.secrets ?? []));
  }

  private exitOf(child: ChildProcess): Promise<number> {
    const { title, remedy } = this.description;
    return new Promise((resolve, reject) => {
      child.once('error', (cause) => reject(new PluginError('unsupported', `The ${title} program cannot be started: ${remedy}.`, { cause })));
      child.once('close', (code) => resolve(code ?? 128));
    });
  }

  private nameOf(call: ProgramCall): string {
    return `${this.description.title} ${actionOf(call)}`;
  }
}

/** Ends a process group: first politely, so that it removes its lock files, then by force. */
function killGroup(child: ChildProcess): void {
  const { pid } = child;
  if (pid === undefined) return;
  signalGroup(pid, 'SIGTERM');
  const force = setTimeout(() => signalGroup(pid, 'SIGKILL'), GRACE_MS);
  child.once('close', () => {
    clearTimeout(force);
    signalGroup(pid, 'SIGKILL');
  });
}

function signalGroup(pid: number, name: NodeJS.Signals): void {
  try {
    process.kill(-pid, name);
  } catch (error) {
    // ESRCH: the group has ended already.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function collect(child: ChildProcess, limit: number): { chunks: Buffer[]; overflow: boolean } {
  const state: { chunks: Buffer[]; overflow: boolean } = { chunks: [], overflow: false };
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size <= limit) state.chunks.push(chunk);
    else if (!state.overflow) {
      state.overflow = true;
      killGroup(child);
    }
  });
  return state;
}

function collectTail(child: ChildProcess): () => string {
  let tail = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    tail = (tail + chunk).slice(-LARGEST_STDERR);
  });
  return () => tail;
}

function actionOf(call: ProgramCall): string {
  return call.args.find((arg) => /^[a-z][a-z-]*$/.test(arg)) ?? 'command';
}
