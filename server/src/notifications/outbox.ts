import { setTimeout as delay } from 'node:timers/promises';
import type { Pool } from 'pg';
import { type Logger, isPluginError } from '#plugins/api';
import { WorkLoop } from '../common/work-loop.ts';
import { isDatabaseAway } from '../database/index.ts';
import type { Teller } from './teller.ts';

/** Something that is due to be told. */
export interface DueEntry {
  readonly id: number;
  readonly projectId: number;
  readonly buildId: number;
  readonly channel: string;
  readonly version: number;
  readonly tries: number;
  /** What was told last, by status key. */
  readonly told: Readonly<Record<string, string>>;
}

const LOOK_MS = 2000;
const AT_ONCE = 8;
/** How long one thing may take to be told. */
const TELL_MS = 60_000;
const PAUSES_SECONDS = [5, 15, 60, 300, 900, 3600] as const;
/** After so many tries, about a day, it is given up; it can be sent again by hand. */
const MOST_TRIES = 28;

/**
 * Tells what is written in the outbox, in the one server that has the right to. At least once; of one entry one thing at a time, so in order; what changes while it
 * is told is told after.
 */
export class Outbox {
  private readonly loop: WorkLoop<DueEntry>;

  constructor(
    private readonly pool: Pool,
    private readonly teller: Teller,
    private readonly logger: Logger,
  ) {
    this.loop = new WorkLoop({
      lookMs: LOOK_MS,
      atOnce: AT_ONCE,
      find: (under, places) => this.due(under, places),
      work: (entry, signal) => this.tell(entry, signal),
      failed: (error) => logger.warn('the outbox could not be looked at; trying again', { error }),
    });
  }

  /** May be called again after `stop`. */
  start(): void {
    this.loop.start();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** Something may be due. Does nothing in a server that does not work. */
  wake(): void {
    this.loop.wake();
  }

  private async due(under: readonly number[], places: number): Promise<DueEntry[]> {
    const { rows } = await this.pool.query<DueEntry>(
      `select id, project_id as "projectId", build_id as "buildId", channel, version, tries, told from outbox
       where sent_version < version and not gave_up and next_at <= now() and id <> all($1) order by next_at limit $2`,
      [under, places],
    );
    return rows;
  }

  /** Never rejects. What cannot even be written down is told again. */
  private async tell(entry: DueEntry, signal: AbortSignal): Promise<void> {
    try {
      await this.attempt(entry, signal);
    } catch (error) {
      if (signal.aborted) return;
      this.logger.warn('what was told could not be written down; it is told again', { entry: entry.id, error });
      // The database is away, most likely: not again at once.
      await delay(LOOK_MS, undefined, { signal: signal }).catch(() => undefined);
    }
  }

  private async attempt(entry: DueEntry, signal: AbortSignal): Promise<void> {
    const told = new Map(Object.entries(entry.told));
    try {
      await this.teller.tell(entry, told, AbortSignal.any([signal, AbortSignal.timeout(TELL_MS)]));
      await this.sent(entry, told);
    } catch (error) {
      if (signal.aborted || isDatabaseAway(error)) throw error;
      await this.failed(entry, told, error);
    }
  }

  private async sent({ id, version }: DueEntry, told: ReadonlyMap<string, string>): Promise<void> {
    await this.pool.query('update outbox set sent_version = $2, told = $3, tries = 0, problem = null, sent_at = now() where id = $1', [
      id,
      version,
      JSON.stringify(Object.fromEntries(told)),
    ]);
  }

  /** What the other side will never take is not tried again, until there is something new to tell. */
  private async failed({ id, version, tries }: DueEntry, told: ReadonlyMap<string, string>, error: unknown): Promise<void> {
    const final = (isPluginError(error) && !error.retry && error.code !== 'unauthorized') || tries + 1 >= MOST_TRIES;
    const asked = isPluginError(error) ? (error.retryAfterSeconds ?? 0) : 0;
    const pause = Math.max(asked, PAUSES_SECONDS[Math.min(tries, PAUSES_SECONDS.length - 1)] ?? 3600);
    const problem = error instanceof Error ? error.message : String(error);
    if (!isPluginError(error)) this.logger.warn('somebody could not be told of a build', { entry: id, error });
    await this.pool.query(
      `update outbox set told = $3, problem = $4, tries = tries + 1, next_at = now() + make_interval(secs => $5), gave_up = $6
       where id = $1 and version = $2`,
      [id, version, JSON.stringify(Object.fromEntries(told)), problem, pause, final],
    );
  }
}
