import { PluginError } from '#plugins/api';

/** How long a repository's host may take to answer all that one request, or one look, asks of it. */
export const REPOSITORY_PATIENCE_MS = 5 * 60_000;

/**
 * Runs `work` with a signal that aborts when `milliseconds` are over, or when `outer` does. Lateness is thrown as `unavailable`, in words, whatever `work` made
 * of it.
 */
export async function withPatience<Result>(
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<Result>,
  outer: AbortSignal | null = null,
): Promise<Result> {
  const late = new AbortController();
  const sentence = `The repository's host did not answer in time (${milliseconds / 1000} seconds): see whether it can be reached, and try again.`;
  // Not AbortSignal.timeout: combined with another signal it may be collected as garbage before it fires.
  const timer = setTimeout(() => late.abort(new PluginError('unavailable', sentence)), milliseconds);
  try {
    return await work(outer === null ? late.signal : AbortSignal.any([outer, late.signal]));
  } catch (error) {
    late.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
