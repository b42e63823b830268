import type { LicenseBackend, LicenseUse, Logger } from '#plugins/api';
import type { Audit } from '../audit/audit.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import { within } from '../execution/within.ts';
import { messageOf } from '../plugins/errors.ts';
import type { Registry } from '../plugins/index.ts';
import { reconcile, type Reconciled } from './reconcile.ts';
import { type AskedFeature, askedFeatures, knownLeases } from './sql/known-leases.ts';
import { writeCount, writeProblem } from './sql/write-count.ts';

export interface LicenseServersParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly audit: Pick<Audit, 'note'>;
  readonly registry: Pick<Registry, 'find'>;
  readonly logger: Logger;
}

const TICK_MS = 30_000;
/** How long one question may take. */
const PATIENCE_MS = 60_000;
/** After how long a use that could not be removed is tried again. */
const AGAIN_MS = 600_000;
/** Who does what nobody has asked for. */
const ITSELF = 'terrarium';

/**
 * Asks the products' own licence servers again and again, and holds what they say against our leases: what others have there counts for the pools, a quarantine ends as soon as the server shows
 * that its seat is free, and what killed clients have left is removed. Runs on the server that has the right to schedule. ADR 17.
 */
export class LicenseServers {
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private isAsked = false;
  private stopping = new AbortController();
  /** Uses that could not be removed, and when. */
  private readonly failed = new Map<string, number>();

  constructor(private readonly parts: LicenseServersParts) {}

  start(): void {
    this.stopping = new AbortController();
    this.timer ??= setInterval(() => this.lookSoon(), TICK_MS);
    this.lookSoon();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.stopping.abort(new Error('the server stops'));
    await this.looking;
  }

  /** Looks now, for whoever does not wait for it. Does nothing while it is stopped. */
  lookSoon(): void {
    if (this.timer !== null) void this.look();
  }

  /** Looks now, and once more if it is looking already. What fails is tried again at the next look. */
  async look(): Promise<void> {
    this.isAsked = true;
    this.looking ??= this.lookAgain().finally(() => {
      this.looking = null;
    });
    await this.looking;
  }

  private async lookAgain(): Promise<void> {
    const { signal } = this.stopping;
    while (this.isAsked && !signal.aborted) {
      this.isAsked = false;
      try {
        await this.askAll(signal);
      } catch (error) {
        this.parts.logger.warn('licence servers could not be asked; trying again', { error });
      }
    }
  }

  /** All servers at a time, and of each one feature after the other. */
  private async askAll(signal: AbortSignal): Promise<void> {
    const byServer = new Map<string, AskedFeature[]>();
    for (const feature of await askedFeatures(this.parts.database.pool))
      byServer.set(feature.server, [...(byServer.get(feature.server) ?? []), feature]);
    const visits = [...byServer.values()].map(async (features) => {
      for (const feature of features) await this.visit(feature, signal);
    });
    await Promise.all(visits);
  }

  private async visit(feature: AskedFeature, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      await this.ask(feature, signal);
    } catch (error) {
      if (signal.aborted) return;
      const isNews = await writeProblem(this.parts.database.pool, feature, messageOf(error));
      if (!isNews) return;
      this.parts.logger.warn('a licence server cannot be asked; its last numbers stay', { ...feature, error });
      this.parts.events.emit('wake');
    }
  }

  private async ask(feature: AskedFeature, signal: AbortSignal): Promise<void> {
    const backend = this.parts.registry.find('licenses', feature.server);
    if (backend === null) throw new Error(`There is no licence server "${feature.server}": add it to the plugins of terrarium.config.yml.`);
    let found = await this.compare(backend, feature, signal);
    // What is removed shows in another answer only.
    if (await this.removeLeft(backend, feature, found.left, signal)) found = await this.compare(backend, feature, signal);
    const { ended, isNews } = await withTransaction(this.parts.database, (client) => writeCount(client, feature, found));
    for (const { id, pool } of ended) await this.note('license.freed', pool, { lease: id, server: feature.server, feature: feature.feature });
    if (isNews) this.parts.events.emit('wake');
  }

  /** First our leases are read, then the server is asked: what it tells of later ones is nobody's of those that are known. */
  private async compare(backend: LicenseBackend, feature: AskedFeature, signal: AbortSignal): Promise<Reconciled & { readonly seats: number }> {
    const { leases, at } = await knownLeases(this.parts.database.pool, feature);
    const count = await within(PATIENCE_MS, 'the answer of the licence server', signal, (limited) => backend.count(feature.feature, limited));
    return { ...reconcile(leases, count, at), seats: count.seats };
  }

  /** Whether any could be removed. */
  private async removeLeft(backend: LicenseBackend, feature: AskedFeature, left: readonly LicenseUse[], signal: AbortSignal): Promise<boolean> {
    if (backend.remove === undefined) return false;
    let isRemoved = false;
    for (const use of left.filter((one) => this.mayTry(feature, one))) isRemoved = (await this.removeOne(backend, feature, use, signal)) || isRemoved;
    return isRemoved;
  }

  private async removeOne(backend: LicenseBackend, feature: AskedFeature, use: LicenseUse, signal: AbortSignal): Promise<boolean> {
    const { user, host, seats, since } = use;
    const fields = { user, host, seats, since: since?.toISOString() ?? null };
    try {
      await within(PATIENCE_MS, 'the removal of a seat', signal, async (limited) => backend.remove?.(feature.feature, use, limited));
    } catch (error) {
      if (signal.aborted) throw error;
      this.failed.set(keyOf(feature, use), Date.now());
      this.parts.logger.warn('a seat that a killed job has left at the licence server could not be removed; trying again later', {
        ...feature,
        ...fields,
        error,
      });
      return false;
    }
    await this.parts.audit.note({
      who: ITSELF,
      action: 'license.reclaim',
      target: `feature ${feature.feature} of ${feature.server}`,
      details: fields,
    });
    return true;
  }

  private mayTry(feature: AskedFeature, use: LicenseUse): boolean {
    for (const [key, at] of this.failed) if (Date.now() - at >= AGAIN_MS) this.failed.delete(key);
    return !this.failed.has(keyOf(feature, use));
  }

  private async note(action: 'license.freed', pool: string, details: Record<string, string | number>): Promise<void> {
    await this.parts.audit.note({ who: ITSELF, action, target: `licence pool ${pool}`, details });
  }
}

function keyOf({ server, feature }: AskedFeature, { handle, since }: LicenseUse): string {
  return JSON.stringify([server, feature, handle, since]);
}
