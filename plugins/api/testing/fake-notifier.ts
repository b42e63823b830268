import { once } from 'node:events';
import { type BuildNotice, type ErrorCode, type Notifier, PluginError } from '../index.ts';

/** How the side that is told behaves: it takes notices, answers with an error of that code, is not there, or takes a call and never answers. */
export type NotifierBehaviour = 'accepting' | 'unauthorized' | 'rate-limited' | 'unavailable' | 'rejected' | 'away' | 'silent';

/** Those who are told by a `FakeNotifier`: what a test controls it by. */
export class FakeAudience {
  behaviour: NotifierBehaviour = 'accepting';
  /** All that was told, repeats included. */
  readonly heard: { readonly target: string; readonly notice: BuildNotice }[] = [];
  /** How many calls wait for an answer that never comes. */
  waiting = 0;
}

const CODES: Partial<Record<NotifierBehaviour, ErrorCode>> = {
  unauthorized: 'unauthorized',
  'rate-limited': 'rate-limited',
  unavailable: 'unavailable',
  rejected: 'rejected',
  away: 'unavailable',
};

/** A notifier in memory that keeps every rule of `Notifier`. Targets are `fake:NAME`. */
export class FakeNotifier implements Notifier {
  readonly targetTitle = 'Name after fake:';
  readonly isTargetSecret = false;
  private readonly audience: FakeAudience;

  constructor(audience: FakeAudience) {
    this.audience = audience;
  }

  targetProblem(target: string): string | null {
    return /^fake:[a-z]{1,20}$/.test(target) ? null : 'Write fake: and a name in small letters.';
  }

  async notify(target: string, notice: BuildNotice, signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const problem = this.targetProblem(target);
    if (problem !== null) throw new PluginError('invalid', problem);
    const { behaviour } = this.audience;
    if (behaviour === 'silent') await this.waitFor(signal);
    const code = CODES[behaviour];
    if (code !== undefined) throw new PluginError(code, `The audience is ${behaviour}: change how it behaves.`);
    this.audience.heard.push({ target, notice });
  }

  private async waitFor(signal: AbortSignal): Promise<never> {
    this.audience.waiting += 1;
    await once(signal, 'abort');
    throw signal.reason;
  }
}
