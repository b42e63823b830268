import type { Pool } from 'pg';
import type { CheckoutPlan, Logger } from '#plugins/api';
import type { Verdict } from '#server/api';
import { advanceBuild } from '../builds/sql/advance-build.ts';
import { finishAttempt, markRunning } from '../builds/sql/move-attempt.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import type { LogStore } from '../logs/index.ts';
import type { MachinePools } from '../machines/machine-pools.ts';
import type { Sources } from '../projects/sources.ts';
import type { Limits } from './agent-job.ts';
import { stepView } from './attempt-sink.ts';
import { type AttemptOutcome, runAttempt } from './attempt-run.ts';
import { type LoadedAttempt, loadAttempts, renewLeases, takeOverAttempts } from './load-attempt.ts';
import { persist } from './persist.ts';
import { StepBook } from './step-book.ts';

/** How long an attempt is ours without a renewal. Seconds. */
export const LEASE_SECONDS = 60;
const RENEW_MS = 10_000;

export interface ExecutorParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly pools: MachinePools;
  readonly sources: Sources;
  readonly logs: LogStore;
  readonly limits: Limits;
  readonly logger: Logger;
  /** The identity under which this process owns attempts. */
  readonly owner: string;
}

interface Live {
  readonly cancel: AbortController;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Runs attempts: each on its machine, to its one verdict. */
export class Executor {
  private readonly live = new Map<number, Live>();
  private readonly steps: StepBook;
  private readonly pool: Pool;
  private readonly renewal: NodeJS.Timeout;
  private stopped = false;

  constructor(private readonly parts: ExecutorParts) {
    this.pool = parts.database.pool;
    this.steps = new StepBook(this.pool);
    this.renewal = setInterval(() => void this.renew(), RENEW_MS);
    parts.events.on('cancel', (ids) => this.cancel(ids));
  }

  /** How many attempts run here now. */
  get running(): number {
    return this.live.size;
  }

  /** Goes on with whatever an earlier process left without a verdict. Returns how many there are. */
  async adopt(): Promise<number> {
    const ids = await takeOverAttempts(this.pool, this.parts.owner, LEASE_SECONDS);
    await this.begin(ids);
    return ids.length;
  }

  /** Begins attempts that have just been assigned. */
  async begin(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    for (const attempt of await loadAttempts(this.pool, ids)) this.launch(attempt);
  }

  /** Lets go of all attempts without ending them: their machines go on, and the next process adopts them. */
  async stop(): Promise<void> {
    this.stopped = true;
    clearInterval(this.renewal);
    for (const live of this.live.values()) live.stop.abort(new Error('the server stops'));
    await Promise.allSettled([...this.live.values()].map((live) => live.done));
  }

  private launch(attempt: LoadedAttempt): void {
    if (this.stopped || this.live.has(attempt.attemptId)) return;
    const cancel = new AbortController();
    const stop = new AbortController();
    if (attempt.cancelRequested) cancel.abort();
    const done = this.execute(attempt, cancel.signal, stop.signal).finally(() => this.live.delete(attempt.attemptId));
    this.live.set(attempt.attemptId, { cancel, stop, done });
  }

  private async execute(attempt: LoadedAttempt, cancel: AbortSignal, signal: AbortSignal): Promise<void> {
    const { logger, pools } = this.parts;
    try {
      const outcome = await this.runToOutcome(attempt, cancel, signal);
      await this.finish(attempt, outcome, signal);
      await pools.release(attempt.machineId);
    } catch (error) {
      if (!signal.aborted) logger.error('an attempt could not be brought to its end', { attempt: attempt.attemptId, error });
    }
  }

  /** A mistake of our own must not leave a job without a verdict. */
  private async runToOutcome(attempt: LoadedAttempt, cancel: AbortSignal, signal: AbortSignal): Promise<AttemptOutcome> {
    try {
      return await this.run(attempt, cancel, signal);
    } catch (error) {
      signal.throwIfAborted();
      this.parts.logger.error('an attempt failed in the server itself', { attempt: attempt.attemptId, error });
      const logSize = await this.parts.logs.size(attempt.attemptId);
      return { verdict: 'errored', reason: `the server failed at it: ${error instanceof Error ? error.message : String(error)}`, logSize };
    }
  }

  private async run(attempt: LoadedAttempt, cancel: AbortSignal, signal: AbortSignal): Promise<AttemptOutcome> {
    const machine = this.parts.pools.find(attempt.machineId);
    if (machine === null) return lost('its machine is no longer there');
    const secrets = await this.parts.sources.secrets(attempt.projectId);
    return await runAttempt(attempt, {
      driver: machine.driver,
      interpreter: machine.interpreterFor(attempt.spec.requirements.interpreter),
      secrets,
      limits: this.parts.limits,
      logs: this.parts.logs,
      targets: {
        step: (record) => {
          void persist(() => this.steps.note(record), this.parts.logger, signal).catch(() => undefined);
          this.parts.events.emit('step', { jobId: attempt.jobId, attempt: attempt.number, step: stepView(record) });
        },
        log: (event) => this.parts.events.emit('log', event),
      },
      checkout: () => this.checkout(attempt, AbortSignal.any([signal, cancel])),
      started: () => this.started(attempt, signal),
      cancel,
      signal,
    });
  }

  private async checkout(attempt: LoadedAttempt, signal: AbortSignal): Promise<CheckoutPlan | null> {
    if (attempt.spec.checkout === null) return null;
    return await this.parts.sources.checkout(attempt.projectId, attempt.change, attempt.spec.checkout, signal);
  }

  private async started(attempt: LoadedAttempt, signal: AbortSignal): Promise<void> {
    const { database, owner, logger } = this.parts;
    const ours = await persist(() => withTransaction(database, (client) => markRunning(client, attempt.attemptId, owner)), logger, signal);
    if (!ours) {
      this.letGo(attempt.attemptId);
      signal.throwIfAborted();
    }
    this.parts.events.emit('jobs', [attempt.jobId]);
  }

  private async finish(attempt: LoadedAttempt, outcome: AttemptOutcome, signal: AbortSignal): Promise<void> {
    await persist(() => this.steps.flush(), this.parts.logger, signal);
    const job = await persist(() => this.writeVerdict(attempt, outcome), this.parts.logger, signal);
    if (job === null) this.parts.logger.warn('a late verdict was refused', { attempt: attempt.attemptId, verdict: outcome.verdict });
    else {
      this.parts.events.emit('jobs', [job.jobId]);
      this.parts.events.emit('builds', [job.buildId]);
    }
    this.parts.events.emit('wake');
  }

  private async writeVerdict(
    attempt: LoadedAttempt,
    outcome: { verdict: Verdict; reason: string | null; logSize: number },
  ): Promise<{ jobId: number; buildId: number } | null> {
    return await withTransaction(this.parts.database, async (client) => {
      const job = await finishAttempt(client, { attemptId: attempt.attemptId, owner: this.parts.owner, ...outcome });
      if (job !== null) await advanceBuild(client, job.buildId);
      return job;
    });
  }

  private cancel(ids: readonly number[]): void {
    for (const id of ids) this.live.get(id)?.cancel.abort();
  }

  private letGo(id: number): void {
    this.live.get(id)?.stop.abort(new Error('another process owns this attempt now'));
  }

  private async renew(): Promise<void> {
    try {
      const before = [...this.live.keys()];
      const held = new Map((await renewLeases(this.pool, this.parts.owner, LEASE_SECONDS)).map((row) => [row.id, row.cancel]));
      for (const id of before) if (!held.has(id)) await this.unlessFinished(id);
      this.cancel([...held].filter(([, cancel]) => cancel).map(([id]) => id));
    } catch (error) {
      this.parts.logger.warn('leases could not be renewed; trying again', { error });
    }
  }

  /** An attempt that is not in our leases has either just ended here, or belongs to another now. */
  private async unlessFinished(id: number): Promise<void> {
    const { rows } = await this.pool.query<{ owner: string }>('select owner from attempts where id = $1 and finished_at is null', [id]);
    if (rows[0] && rows[0].owner !== this.parts.owner) this.letGo(id);
  }
}

function lost(why: string): AttemptOutcome {
  return { verdict: 'errored', reason: `the machine was lost: ${why}`, logSize: 0 };
}
