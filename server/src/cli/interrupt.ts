import type { Io } from './verb.ts';

/** Ctrl-C ends the work, which cleans up; a second one ends at once. `doing`: what the person is told then, as `stopping`. */
export async function withInterrupt(io: Io, doing: string, work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const interrupted = new AbortController();
  const handler = (): void => {
    if (interrupted.signal.aborted) process.exit(130);
    void io.err(`\nterrarium: ${doing}; once more ends at once\n`);
    interrupted.abort(new Error('interrupted'));
  };
  process.on('SIGINT', handler);
  process.on('SIGTERM', handler);
  try {
    return await work(interrupted.signal);
  } finally {
    process.off('SIGINT', handler);
    process.off('SIGTERM', handler);
  }
}
