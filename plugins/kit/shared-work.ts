/** Lets one at a time in, in the order they came. */
export class Turnstile {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs `work` when all that came before has ended, however it ended. Whoever gives up while waiting leaves at once with the signal's reason. */
  run<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const before = this.last;
    const result = orAborted(before, signal).then(work);
    this.last = Promise.allSettled([before, result]);
    return result;
  }
}

/** What `promise` gives, unless the signal aborts first: then its reason is thrown. */
async function orAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  signal.throwIfAborted();
  let abort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  return Promise.race([promise, aborted]).finally(() => signal.removeEventListener('abort', abort));
}

interface Shared<T> {
  readonly promise: Promise<T>;
  readonly controller: AbortController;
  waiting: number;
}

/** Work that several ask for at once and that is done once. It is aborted when the last of them has given up. */
export class SharedWork<T> {
  private readonly running = new Map<string, Shared<T>>();

  /** The result of `work`, begun for this `key` by whoever came first. Throws the signal's reason when that aborts. */
  async run(key: string, work: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const shared = this.running.get(key) ?? this.begin(key, work);
    shared.waiting += 1;
    const leave = (): void => {
      shared.waiting -= 1;
      if (shared.waiting === 0) this.end(key, shared, signal.reason);
    };
    signal.addEventListener('abort', leave, { once: true });
    try {
      return await this.outcome(shared, signal);
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  /** Aborts everything and waits until it has ended. */
  async close(reason: Error): Promise<void> {
    const all = [...this.running];
    for (const [key, shared] of all) this.end(key, shared, reason);
    await Promise.allSettled(all.map(([, { promise }]) => promise));
  }

  private begin(key: string, work: (signal: AbortSignal) => Promise<T>): Shared<T> {
    const controller = new AbortController();
    const shared: Shared<T> = { promise: work(controller.signal), controller, waiting: 0 };
    this.running.set(key, shared);
    const forget = (): void => {
      if (this.running.get(key) === shared) this.running.delete(key);
    };
    shared.promise.then(forget, forget);
    return shared;
  }

  private end(key: string, shared: Shared<T>, reason: unknown): void {
    if (this.running.get(key) === shared) this.running.delete(key);
    shared.controller.abort(reason);
  }

  /** The last to give up waits until the work has cleaned up after itself; others leave at once. */
  private async outcome(shared: Shared<T>, signal: AbortSignal): Promise<T> {
    try {
      return await orAborted(shared.promise, signal);
    } catch (error) {
      if (shared.controller.signal.aborted) await Promise.allSettled([shared.promise]);
      throw error;
    }
  }
}
