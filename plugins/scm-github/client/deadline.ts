import { PluginError } from '#plugins/api';

/** What a request is made with, so that it can be given up. */
export interface Means {
  readonly signal: AbortSignal;
  readonly fetch: typeof fetch;
}

export interface Times {
  /** How long it may wait for its turn. */
  readonly patienceSeconds: number;
  /** How long it may take after that, tries again included. */
  readonly timeoutSeconds: number;
}

/**
 * What `work` gives. Throws the reason of `signal` when that aborts, `rate-limited` where its turn does not come in time, `unavailable` where the answer does not;
 * all at once, also while Octokit waits. `what`: what it is to do, in words.
 */
export async function withDeadline<T>(times: Times, what: string, signal: AbortSignal, work: (means: Means) => Promise<T>): Promise<T> {
  signal.throwIfAborted();
  const controller = new AbortController();
  const { promise: over, reject } = withReject();
  const giveUp = (reason: unknown): void => {
    reject(reason);
    // Without a reason of its own: then it is no failure of the network to Octokit, which would try again.
    controller.abort();
  };
  const abort = (): void => giveUp(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  let timer = setTimeout(() => giveUp(queued(what)), times.patienceSeconds * 1000);
  let hasBegun = false;
  const begin: typeof fetch = async (...request) => {
    if (!hasBegun && !controller.signal.aborted) {
      clearTimeout(timer);
      timer = setTimeout(() => giveUp(late(what, times.timeoutSeconds)), times.timeoutSeconds * 1000);
    }
    hasBegun = true;
    return await fetch(...request);
  };
  try {
    return await Promise.race([work({ signal: controller.signal, fetch: begin }), over]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', abort);
  }
}

function withReject(): { readonly promise: Promise<never>; readonly reject: (reason: unknown) => void } {
  let reject: (reason: unknown) => void = () => undefined;
  const promise = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  return { promise, reject };
}

function queued(what: string): PluginError {
  return new PluginError('rate-limited', `More requests wait than GitHub lets us make at once, so we did not ${what}: try again in a minute.`);
}

function late(what: string, seconds: number): PluginError {
  return new PluginError('unavailable', `GitHub did not answer within ${seconds} s when we asked to ${what}: try again later.`);
}
