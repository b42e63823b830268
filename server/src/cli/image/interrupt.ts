import type { Io } from '../verb.ts';

/** Ctrl-C ends what is being made and cleans up; a second one ends at once. */
export async function withInterrupt(io: Io, work: (signal: AbortSignal) => Promise<number>): Promise<number> {
  const interrupted = new AbortController();
  const handler = (): void => {
    if (interrupted.signal.aborted) process.exit(130);
    void io.err('\nterrarium: stopping; once more ends at once\n');
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
