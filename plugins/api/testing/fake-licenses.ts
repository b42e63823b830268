import { once } from 'node:events';
import { type ErrorCode, type LicenseBackend, type LicenseCount, type LicenseUse, PluginError } from '../index.ts';

/** How a licence server behaves: it answers, is not there, answers nonsense, never answers, or answers and lets nobody remove a use. */
export type LicenseServerBehaviour = 'answering' | 'away' | 'nonsense' | 'silent' | 'forbidding';

/** A licence server in memory: what a test controls `FakeLicenses` by. */
export class FakeLicenseServer {
  behaviour: LicenseServerBehaviour = 'answering';
  /** How many calls wait for an answer that never comes. */
  waiting = 0;
  /** Seats of each feature. */
  readonly seats = new Map<string, number>();
  /** Uses of each feature. */
  readonly uses = new Map<string, LicenseUse[]>();
  /** The handles that were removed, in order. */
  readonly removed: string[] = [];
  private last = 0;

  /** Takes seats of a feature. Returns the use as the server tells it. */
  take(feature: string, use: Partial<LicenseUse>): LicenseUse {
    this.last += 1;
    const taken = { user: 'somebody', host: 'desk', seats: 1, since: null, isOurs: false, handle: String(this.last), ...use };
    this.uses.set(feature, [...(this.uses.get(feature) ?? []), taken]);
    return taken;
  }
}

const CODES: Partial<Record<LicenseServerBehaviour, ErrorCode>> = { away: 'unavailable', nonsense: 'rejected' };

/** A licence backend in memory that keeps every rule of `LicenseBackend`. */
export class FakeLicenses implements LicenseBackend {
  constructor(private readonly server: FakeLicenseServer) {}

  async count(feature: string, signal: AbortSignal): Promise<LicenseCount> {
    await this.answer(signal);
    return { seats: this.seatsOf(feature), uses: [...(this.server.uses.get(feature) ?? [])] };
  }

  async remove(feature: string, use: LicenseUse, signal: AbortSignal): Promise<void> {
    await this.answer(signal);
    this.seatsOf(feature);
    const uses = this.server.uses.get(feature) ?? [];
    const left = uses.filter(({ handle }) => handle !== use.handle);
    if (left.length === uses.length) return;
    if (this.server.behaviour === 'forbidding') throw new PluginError('unauthorized', 'Nobody may remove a use of this server: allow it there.');
    this.server.uses.set(feature, left);
    this.server.removed.push(use.handle ?? '');
  }

  private seatsOf(feature: string): number {
    const seats = this.server.seats.get(feature);
    if (seats === undefined) throw new PluginError('not-found', 'The licence server has no feature of that name.');
    return seats;
  }

  private async answer(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { behaviour } = this.server;
    if (behaviour === 'silent') {
      this.server.waiting += 1;
      await once(signal, 'abort');
      throw signal.reason;
    }
    const code = CODES[behaviour];
    if (code !== undefined) throw new PluginError(code, `The licence server is ${behaviour}: change how it behaves.`);
  }
}
