import type { Extension } from '#plugins/api';
import { messageOf } from './errors.ts';

/** An extension with its name for messages. */
export interface Running {
  readonly name: string;
  readonly extension: Extension;
}

/** Initialises all in order. Where one throws, or does not come back in time, closes those that are ready and throws an error that names it. */
export async function initAll(extensions: readonly Running[], deadlineMs: number): Promise<void> {
  const ready: Running[] = [];
  for (const one of extensions) {
    try {
      await withDeadline(`${one.name}: init`, deadlineMs, (signal) => one.extension.init?.(signal));
    } catch (error) {
      const failure = new Error(`The plugin instance ${one.name} did not start: ${messageOf(error)}`, { cause: error });
      throw await closed(ready, deadlineMs, failure);
    }
    ready.push(one);
  }
}

/** Closes what is ready; gives `failure`, or all failures together if closing failed too. */
async function closed(ready: readonly Running[], deadlineMs: number, failure: Error): Promise<Error> {
  try {
    await closeAll(ready, deadlineMs);
    return failure;
  } catch (error) {
    return new AggregateError([failure, error], `${failure.message}\n${messageOf(error)}`);
  }
}

/** Closes all in the reverse order. Goes on where one fails, and then throws an AggregateError that names all that did. */
export async function closeAll(extensions: readonly Running[], deadlineMs: number): Promise<void> {
  const failures: Error[] = [];
  for (const { name, extension } of extensions.toReversed()) {
    try {
      await withDeadline(`${name}: close`, deadlineMs, () => extension.close?.());
    } catch (error) {
      failures.push(new Error(`The plugin instance ${name} did not close: ${messageOf(error)}`, { cause: error }));
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, failures.map(({ message }) => message).join('\n'));
}

/** Runs `work` with a signal that aborts at the deadline; then throws even if `work` does not care for the signal. */
async function withDeadline(what: string, deadlineMs: number, work: (signal: AbortSignal) => Promise<void> | undefined): Promise<void> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const reason = new Error(`${what} took longer than ${deadlineMs / 1000} seconds.`);
      controller.abort(reason);
      reject(reason);
    }, deadlineMs);
  });
  try {
    await Promise.race([work(controller.signal), late]);
  } finally {
    clearTimeout(timer);
  }
}
