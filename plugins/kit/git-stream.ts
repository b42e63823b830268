import type { GitProgram } from './git-process.ts';
import type { ProgramCall } from './program.ts';

/**
 * Runs git and gives its standard output to `take`, piece by piece and no faster than that takes it. What `take` throws ends git at once, and is thrown here; else what
 * `GitProgram.run` throws. Nothing of it runs any more when this returns or throws.
 */
export async function streamGit(
  git: GitProgram,
  call: ProgramCall,
  take: (piece: Buffer) => void | Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  const enough = new AbortController();
  const child = git.spawn(call);
  const ended = git.finish(child, call, AbortSignal.any([signal, enough.signal]));
  child.stdin?.end();
  const taken = takeAll(child.stdout, take).catch((error: unknown) => {
    enough.abort(error);
    throw error;
  });
  // Why git ended says more than that its output broke off.
  const outcomes = await Promise.allSettled([ended, taken]);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}

async function takeAll(output: AsyncIterable<Buffer> | null, take: (piece: Buffer) => void | Promise<void>): Promise<void> {
  if (output === null) throw new Error('git was started without a standard output');
  for await (const piece of output) await take(piece);
}
