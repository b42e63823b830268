import type { Pool } from 'pg';
import { z } from 'zod';
import { type HostEvent, type Logger, isPluginError } from '#plugins/api';
import type { DeliveryState } from '#server/api';
import { readableText } from '../builds/storable.ts';
import { Turns } from '../common/turns.ts';
import { WorkLoop } from '../common/work-loop.ts';
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
  private readonly loop: WorkLoop<Received>;
  private readonly turns = new Turns<string>();
  private prunedAt = 0;

  constructor(private readonly parts: DeliveryWorkerParts) {
    this.loop = new WorkLoop({
      lookMs: LOOK_MS,
      atOnce: AT_ONCE,
      find: (under, places) => this.received(under, places),
      work: (delivery, signal) => this.inTurn(delivery, signal),
      failed: (error) => parts.logger.warn('deliveries could not be looked at; trying again', { error }),
    });
  }

  /** May be called again after `stop`. */
  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** Something may have come. Does nothing in a server that does not work. */
  wake(): void {
    this.loop.wake();
  }

  private async received(under: readonly number[], places: number): Promise<Received[]> {
    await this.prune();
    const { rows } = await this.parts.pool.query<Received>(
      // The first of each repository, one look into the index for each: whoever sends ten thousand, or something slow, has one place like everybody else.
      `with recursive firsts as (
         (select instance, repository, id from deliveries where state = 'received' and repository is not null order by 1, 2, 3 limit 1)
         union all
         select next.* from firsts, lateral (
           select instance, repository, id from deliveries
           where state = 'received' and repository is not null and (instance, repository) > (firsts.instance, firsts.repository)
           order by 1, 2, 3 limit 1) next)
       select id, instance, project_id as "projectId", headers, body from deliveries
       where state = 'received' and id <> all($1) and (repository is null or id in (select id from firsts)) order by id limit $2`,
      [under, places],
    );
    return rows;
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

  /** Those of one repository one after the other. */
  private async inTurn(delivery: Received, signal: AbortSignal): Promise<void> {
    const event = this.eventOf(delivery);
    const key = 'repository' in event ? `${delivery.instance} ${event.repository}` : String(delivery.id);
    await this.turns.take(key, () => this.work(delivery, event, signal));
  }

  /** A plugin that fails at it, which none should, holds up nothing else. */
  private eventOf({ id, instance, headers, body }: Received): HostEvent {
    const webhooks = this.parts.registry.find('scm', instance)?.webhooks;
    if (webhooks === undefined) return { kind: 'ignored', reason: `the code host ${instance} is not configured any more` };
    try {
      return webhooks.parse({ headers: Headers.parse(headers), body });
    } catch (error) {
      this.parts.logger.error('the plugin of a code host failed at a delivery', { delivery: id, error });
      return { kind: 'ignored', reason: `its code host's plugin failed at it: ${error instanceof Error ? error.message : String(error)}` };
    }
  }

  /** Never rejects. Where the trouble is our own (the database is away, the server stops) the delivery stays as it is, and is begun again. */
  private async work(delivery: Received, event: HostEvent, signal: AbortSignal): Promise<void> {
    if (signal.aborted) return;
    try {
      const { state, words } = await this.outcomeOf(delivery, event, signal);
      await this.parts.pool.query('update deliveries set state = $2, outcome = $3, processed_at = now() where id = $1', [
        delivery.id,
        state,
        // Strangers' texts are in it.
        readableText(words),
      ]);
    } catch (error) {
      if (!signal.aborted) this.parts.logger.warn('a delivery could not be worked on; trying again', { delivery: delivery.id, error });
    }
  }

  private async outcomeOf(delivery: Received, event: HostEvent, signal: AbortSignal): Promise<Outcome> {
    if (event.kind === 'ignored') return { state: 'ignored', words: event.reason };
    if (event.kind === 'ping') return { state: 'done', words: 'the hook works' };
    const projects = await this.projectsOf(delivery, event.repository);
    if (projects.length === 0) return { state: 'ignored', words: `no project here is of ${event.repository}` };
    const outcomes: Outcome[] = [];
    for (const project of projects) outcomes.push(await this.handle(project, event, signal));
    const state = (['failed', 'done', 'ignored'] as const).find((one) => outcomes.some((outcome) => outcome.state === one)) ?? 'ignored';
    return { state, words: outcomes.map(({ words }) => words).join('; ') };
  }

  private async handle({ id, name }: { readonly id: number; readonly name: string }, event: HostEvent, stopping: AbortSignal): Promise<Outcome> {
    try {
      const words = await withPatience(REPOSITORY_PATIENCE_MS, (signal) => this.parts.events.handle(id, event, signal), stopping);
      return words === null ? { state: 'ignored', words: `${name}: nothing to do` } : { state: 'done', words: `${name}: ${words}` };
    } catch (error) {
      if (stopping.aborted || isDatabaseAway(error)) throw error;
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
