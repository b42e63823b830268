import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from '#plugins/api';
import type { PoolConfig } from './config/index.ts';
import type { Leadership } from './database/leadership.ts';
import type { Neighbours } from './database/neighbours.ts';
import type { Executor } from './execution/executor.ts';
import { persist } from './execution/persist.ts';
import type { InterpreterCache } from './forks/interpreter-cache.ts';
import type { LogRetention } from './logs/retention.ts';
import type { MachinePools } from './machines/machine-pools.ts';
import type { Scheduler } from './scheduling/scheduler.ts';
import type { Poller } from './triggers/poller.ts';

/** Work that goes on between `start` and `stop`, which may be called again and again. */
export interface Desk {
  start(): void;
  stop(): Promise<void>;
}

/** What works only in the one server that has the right to schedule. */
export interface LeadingParts {
  readonly leadership: Pick<Leadership, 'acquire' | 'drop' | 'isHeld' | 'release' | 'stopWaiting'>;
  readonly neighbours: Pick<Neighbours, 'start' | 'stop'>;
  readonly pools: Pick<MachinePools, 'isUntouched' | 'lead' | 'open' | 'pause' | 'resume' | 'standDown' | 'stop'>;
  /** What forks of Python have published: another server may have done so while this one stood by. */
  readonly interpreters: Pick<InterpreterCache, 'refresh'>;
  readonly executor: Pick<Executor, 'adopt' | 'stop'>;
  readonly scheduler: Pick<Scheduler, 'start' | 'stop'>;
  readonly retention: Pick<LogRetention, 'start' | 'stop'>;
  /** A poller works once: after a pause there is a new one. */
  readonly newPoller: () => Pick<Poller, 'start' | 'stop'>;
  /** What else works only here. */
  readonly desks: readonly Desk[];
  readonly configs: readonly PoolConfig[];
  readonly logger: Logger;
}

const RETRY_MS = 1000;

/**
 * The course of a server: it stands by until it has the right to schedule, takes over what others left, and works. When the right is lost it stops at once
 * whatever two servers must not do: scheduling, polling, making and reaping machines. Attempts go on, for each write about them is fenced by its owner. If nobody
 * else had the right until it is back, everything goes on as it was; else this server lets go of all it had and begins anew.
 */
export class Leading {
  /** Resolves when this server works for the first time; rejects if it cannot begin. */
  working: Promise<void> = Promise.resolve();
  private regaining: Promise<unknown> = Promise.resolve();
  private standingDown: Promise<void> | null = null;
  /** A take-over has begun and has not come to its end. */
  private takingOver = false;
  private poller: Pick<Poller, 'start' | 'stop'> | null = null;
  /** What looks at repositories and talks to their hosts is coming to its end. */
  private polling: Promise<unknown> = Promise.resolve();
  private readonly stopping = new AbortController();

  constructor(private readonly parts: LeadingParts) {}

  start(): void {
    this.working = this.begin();
    // Whoever waits for it hears of a failure; one that comes before anybody waits must not end the process with PostgreSQL left running.
    this.working.catch(() => undefined);
  }

  /** Stops without ending a job. The right is given away last: whoever gets it adopts, and must find nobody still writing. */
  async stop(): Promise<void> {
    const { leadership, neighbours, scheduler, executor, pools } = this.parts;
    this.stopping.abort(new Error('the server stops'));
    leadership.stopWaiting();
    await Promise.allSettled([this.working, this.regaining]);
    this.pause('the server stops');
    await this.standingDown;
    await neighbours.stop();
    await this.polling;
    await scheduler.stop();
    await executor.stop();
    await pools.stop();
    await leadership.release();
  }

  private async begin(): Promise<void> {
    const { neighbours, pools, configs } = this.parts;
    await this.persist(() => neighbours.start());
    await pools.open(configs, this.stopping.signal);
    await this.acquire();
    await this.takeOver();
    this.work();
  }

  private async acquire(): Promise<void> {
    await this.parts.leadership.acquire({ standBy: () => this.standBy(), lost: () => this.onLost() });
  }

  /** Machines and attempts of whoever had the right before are ours now. */
  private async takeOver(): Promise<void> {
    const { pools, interpreters, executor, logger } = this.parts;
    await this.standingDown;
    this.standingDown = null;
    this.takingOver = true;
    // Before anything is begun: whoever does not know a Python would say that there is none.
    await this.persist(() => interpreters.refresh());
    await this.persist(() => pools.lead());
    const adopted = await this.persist(() => executor.adopt());
    this.takingOver = false;
    if (adopted > 0) logger.info(`going on with ${adopted} ${adopted === 1 ? 'job' : 'jobs'} that an earlier process left`);
  }

  private work(): void {
    // Lost again meanwhile: the next regaining comes here too.
    if (!this.parts.leadership.isHeld || this.stopping.signal.aborted) return;
    this.parts.scheduler.start();
    this.poller = this.parts.newPoller();
    this.poller.start();
    for (const desk of this.parts.desks) desk.start();
    this.parts.retention.start();
  }

  private onLost(): void {
    if (this.stopping.signal.aborted) return;
    this.pause('this server has lost the right to schedule and asks for it again');
    this.regaining = Promise.allSettled([this.working, this.regaining]).then(() => this.regain());
  }

  /** At once: what is under way stops at its next step, or is refused by the tables. */
  private pause(reason: string): void {
    const { scheduler, pools, retention } = this.parts;
    void scheduler.stop(reason);
    pools.pause();
    retention.stop();
    this.polling = Promise.all([this.poller?.stop(), ...this.parts.desks.map((desk) => desk.stop())]);
    this.poller = null;
  }

  private async regain(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      try {
        this.pause('this server asks for the right to schedule');
        await this.acquire();
        await this.resume();
        return;
      } catch (error) {
        if (this.stopping.signal.aborted) return;
        this.parts.logger.error('this server has the right to schedule, but could not take over; trying again', { error });
        // Perhaps another server can.
        await this.parts.leadership.drop();
        await delay(RETRY_MS);
      }
    }
  }

  private async resume(): Promise<void> {
    const { leadership, pools, logger } = this.parts;
    const stayed = this.standingDown === null && !this.takingOver && (await this.persist(() => pools.isUntouched()));
    // Lost again meanwhile: the next regaining decides.
    if (!leadership.isHeld) return;
    if (stayed) {
      logger.info('the right to schedule is back, and nobody else had it');
      pools.resume();
    } else {
      this.standBy();
      await this.takeOver();
    }
    this.work();
  }

  /** Another server has the right, and takes over what this one had. */
  private standBy(): void {
    this.standingDown ??= this.standDown();
  }

  private async standDown(): Promise<void> {
    const { scheduler, executor, pools } = this.parts;
    void scheduler.stop('another server works with this database and schedules; its pages say what this waits for');
    await executor.stop();
    pools.standDown();
  }

  private async persist<Result>(work: () => Promise<Result>): Promise<Result> {
    return await persist(work, this.parts.logger, this.stopping.signal);
  }
}
