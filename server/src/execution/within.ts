import { PluginError } from '#plugins/api';

/**
 * Gives `work` a signal that aborts with `signal` or after `milliseconds`, then with `unavailable` and what took too long. Not by AbortSignal.timeout: combined
 * with another signal it may be collected as garbage before it fires.
 */
export async function within<Result>(
  milliseconds: number,
  what: string,
  signal: AbortSignal,
  work: (limited: AbortSignal) => Promise<Result>,
): Promise<Result> {
  signal.throwIfAborted();
  const limit = new AbortController();
  const late = (): void => limit.abort(new PluginError('unavailable', `${what} took longer than ${Math.round(milliseconds / 1000)} s`));
  const timer = setTimeout(late, milliseconds);
  const forward = (): void => limit.abort(signal.reason);
  signal.addEventListener('abort', forward, { once: true });
  try {
    return await work(limit.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', forward);
  }
}
