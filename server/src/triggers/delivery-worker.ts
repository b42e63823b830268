import type { Pool } from 'pg';
import { z } from 'zod';
import { type HostEvent, type Logger, isPluginError } from '#plugins/api';
import type { DeliveryState } from '#server/api';
import { Turns } from '../common/turns.ts';
import { isDatabaseAway } from '../database/index.ts';
import type { Registry } from '../plugins/index.ts';
import { REPOSITORY_PATIENCE_MS, withPatience } from '../projects/patience.ts';
import type { Events } from './events.ts';

/** A delivery as it is worked on. */
interface Received {
  readonly id: number;
  readonly instance: string;
  readonly projectId: number | null;
  readonly headers: unknown;
  readonly body: Buffer;
}

interface Outcome {
  readonly state: Exclude<DeliveryState, 'received'>;
  readonly words: string;
}

export interface DeliveryWorkerParts {
  readonly pool: Pool;
  readonly registry: Registry;
  readonly events: Events;
  readonly logger: Logger;
  /** How long the content of deliveries is kept. */
  readonly days: number;
}

const LOOK_MS = 1000;
const PRUNE_MS = 60 * 60_000;
const AT_ONCE = 8;
const Headers = z.record(z.string(), z.string());

/**
 * Works on what code hosts sent, in the one server that has the right to. Those of one repository are taken in the order in which they came; one that was under way
 * when a server was killed is begun again.
 */
export class DeliveryWorker {
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private prunedAt = 0;
  private readonly turns = new Turns<string>();
  private readonly working = new Map<number, Promise<void>>();
  private stopping = new AbortController();

  constructor(private readonly parts: DeliveryWorkerParts) {}

  /** May be called again after `stop`. */
  start(): void {
    this.stopping = new AbortController();
    this.timer = setInterval(() => this.wake(), LOOK_MS);
    this.wake();
  }

  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.stopping.abort(new Error('the server stops'));
    await this.looking;
    await Promise.all(this.working.values());
  }

  /** Something may have come. Does nothing in a server that does not work. */
  wake(): void {
    if (this.timer === null || this.looking !== null) return;
    this.looking = this.look().finally(() => {
      this.looking = null;
    });
  }

  private async look(): Promise<void> {
    try {
      await this.prune();
      const { rows } = await this.parts.pool.query<Received>(
        `select id, instance, project_id as "projectId", headers, body from deliveries where state = 'received' and id <> all($1) order by id limit $2`,
        [[...this.working.keys()], AT_ONCE - this.working.size],
      );
      for (const delivery of rows) this.begin(delivery);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.parts.logger.warn('deliveries could not be looked at; trying again', { error });
    }
  }

  /** Forgets what was sent long ago, but never that it was: it would be taken again. */
  private async prune(): Promise<void> {
    if (Date.now() - this.prunedAt < PRUNE_MS) return;
    await this.parts.pool.query(
      `update deliveries set body = '', headers = '{}' where state <> 'received' and body <> '' and received_at < now() - make_interval(days => $1)`,
      [this.parts.days],
    );
    this.prunedAt = Date.now();
  }

  private begin(delivery: Received): void {
    const event = this.eventOf(delivery);
    const key = 'repository' in event ? `${delivery.instance} ${event.repository}` : String(delivery.id);
    const work = this.turns
      .take(key, () => this.work(delivery, event))
      .finally(() => {
        this.working.delete(delivery.id);
        this.wake();
      });
    this.working.set(delivery.id, work);
  }

  private eventOf({ instance, headers, body }: Received): HostEvent {
    const webhooks = this.parts.registry.find('scm', instance)?.webhooks;
    if (webhooks === undefined) return { kind: 'ignored', reason: `the code host ${instance} is not configured any more` };
    return webhooks.parse({ headers: Headers.parse(headers), body });
  }

  /** Never rejects. Where the trouble is our own (the database is away, the server stops) the delivery stays as it is, and is begun again. */
  private async work(delivery: Received, event: HostEvent): Promise<void> {
    if (this.stopping.signal.aborted) return;
    try {
      const { state, words } = await this.outcomeOf(delivery, event);
      await this.parts.pool.query('update deliveries set state = $2, outcome = $3, processed_at = now() where id = $1', [delivery.id, state, words]);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.parts.logger.warn('a delivery could not be worked on; trying again', { delivery: delivery.id, error });
    }
  }

  private async outcomeOf(delivery: Received, event: HostEvent): Promise<Outcome> {
    if (event.kind === 'ignored') return { state: 'ignored', words: event.reason };
    if (event.kind === 'ping') return { state: 'done', words: 'the hook works' };
    const projects = await this.projectsOf(delivery, event.repository);
    if (projects.length === 0) return { state: 'ignored', words: `no project here is of ${event.repository}` };
    const outcomes: Outcome[] = [];
    for (const project of projects) outcomes.push(await this.handle(project, event));
    const state = (['failed', 'done', 'ignored'] as const).find((one) => outcomes.some((outcome) => outcome.state === one)) ?? 'ignored';
    return { state, words: outcomes.map(({ words }) => words).join('; ') };
  }

  private async handle({ id, name }: { readonly id: number; readonly name: string }, event: HostEvent): Promise<Outcome> {
    try {
      const words = await withPatience(REPOSITORY_PATIENCE_MS, (signal) => this.parts.events.handle(id, event, signal), this.stopping.signal);
      return words === null ? { state: 'ignored', words: `${name}: nothing to do` } : { state: 'done', words: `${name}: ${words}` };
    } catch (error) {
      if (this.stopping.signal.aborted || isDatabaseAway(error)) throw error;
      if (!isPluginError(error)) this.parts.logger.error('an event of a code host could not be handled', { projectId: id, error });
      return { state: 'failed', words: `${name}: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  /** The projects of that repository at that code host; for a project's own hook that one, if it is of the repository. */
  private async projectsOf({ instance, projectId }: Received, repository: string): Promise<{ id: number; name: string }[]> {
    const provider = this.parts.registry.get('scm', instance);
    const { rows } = await this.parts.pool.query<{ id: number; name: string; url: string }>(
      'select id, name, url from projects where scm = $1 and ($2::int is null or id = $2) order by id',
      [instance, projectId],
    );
    return rows.filter(({ url }) => provider.identify(url) === repository);
  }
}
