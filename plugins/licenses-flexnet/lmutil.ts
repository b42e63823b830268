import type { ChildProcess } from 'node:child_process';
import { isPluginError, PluginError } from '#plugins/api';
import { PROGRAMS } from '#plugins/kit/credentials';
import { Program } from '#plugins/kit/program';
import type { FlexnetConfig } from './config.ts';
import type { RunTime } from './read-status.ts';

/** What a run printed, on both outputs, and when it was. */
export interface LmutilAnswer {
  readonly output: string;
  readonly time: RunTime;
}

/** A thousand times what lmstat says of a feature that hundreds use. */
const LARGEST_OUTPUT = 16 * 1024 * 1024;
/** From here on exit codes are those of programs that a signal ended. */
const ENDED_BY_SIGNAL = 128;

/** How a run ended that has not failed to run: lmutil says on its output what went wrong, and its exit codes are documented nowhere. */
class LmutilEnd extends Error {
  constructor(
    readonly exitCode: number,
    readonly detail: string,
  ) {
    super(`lmutil ended with ${exitCode}`);
  }
}

/** Runs lmutil. Its times are to be in UTC: the server tells them as seconds, and lmutil writes them in the zone of its environment. */
export class Lmutil {
  private readonly program: Program;
  private readonly env: Readonly<Record<string, string>>;

  constructor(
    { program, timeoutSeconds, environment }: FlexnetConfig,
    private readonly folder: string,
  ) {
    const remedy = `"${program}" must be the lmutil program that comes with FlexNet, and executable`;
    const failure = (_action: string, code: number, detail: string): Error => new LmutilEnd(code, detail);
    this.program = new Program({ title: 'lmutil', program, remedy, timeoutMs: timeoutSeconds * 1000, failure });
    // Its own home: lmutil remembers there which servers it was given.
    this.env = { PATH: PROGRAMS, LANG: 'C', LC_ALL: 'C', HOME: folder, ...environment, TZ: 'UTC' };
  }

  /** Throws the signal's reason, `unavailable` where lmutil cannot be run or takes too long, `rejected` where it says too much. */
  async run(args: readonly string[], signal: AbortSignal): Promise<LmutilAnswer> {
    signal.throwIfAborted();
    const from = new Date();
    const call = { args, cwd: this.folder, env: this.env };
    const stop = new AbortController();
    const forward = (): void => stop.abort(signal.reason);
    signal.addEventListener('abort', forward, { once: true });
    try {
      const child = this.program.spawn(call);
      const output = collect(child, () => stop.abort(new PluginError('rejected', 'lmutil says more than 16 MB, which is no answer.')));
      child.stdin?.end();
      const detail = await this.program.finish(child, call, stop.signal).then(() => '', detailOf);
      return { output: `${detail}\n${output()}`, time: { from, to: new Date() } };
    } finally {
      signal.removeEventListener('abort', forward);
    }
  }
}

function detailOf(error: unknown): string {
  if (isPluginError(error, 'unsupported')) throw new PluginError('unavailable', error.message, { cause: error });
  if (!(error instanceof LmutilEnd)) throw error;
  if (error.exitCode >= ENDED_BY_SIGNAL)
    throw new PluginError('unavailable', 'lmutil was ended by a signal before it had answered.', { cause: error });
  return error.detail;
}

function collect(child: ChildProcess, onOverflow: () => void): () => string {
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout?.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > LARGEST_OUTPUT) onOverflow();
    else chunks.push(chunk);
  });
  return () => Buffer.concat(chunks).toString('utf8');
}
