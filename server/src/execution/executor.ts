import type { Pool } from 'pg';
import type { CheckoutPlan, Logger } from '#plugins/api';
import { isStrangers } from '../builds/isolation-demand.ts';
import { type AttemptEnd, type EndedJob, markRunning } from '../builds/sql/move-attempt.ts';
import type { CacheConfig } from '../config/index.ts';
import { Batcher } from '../common/batcher.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import type { LogStore } from '../logs/index.ts';
import type { MachinePools } from '../machines/machine-pools.ts';
import type { Planner } from '../planning/planner.ts';
import type { Sources } from '../projects/sources.ts';
import type { Limits } from './agent-job.ts';
import { stepView } from './attempt-sink.ts';
import { type AttemptOutcome, closeLog, runAttempt } from './attempt-run.ts';
import { collecting } from './collecting.ts';
import { lostEnd } from './machine-lost.ts';
import { type LoadedAttempt, type UnreadableAttempt, isOurs, loadAttempts, machineAfter, renewLeases, takeOverAttempts } from './load-attempt.ts';
import { type OutfitParts, outfitOf } from './outfit.ts';
import { packageOffer } from './package-offer.ts';
import { persist } from './persist.ts';
import { StepBook } from './step-book.ts';
import { writeEnds } from './write-ends.ts';

/** How long an attempt is ours without a renewal. Seconds. */
export const LEASE_SECONDS = 60;
const RENEW_MS = 10_000;

export interface ExecutorParts extends OutfitParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly pools: MachinePools;
  readonly sources: Sources;
  /** Reads what a job has found out that asks what there is to run. */
  readonly planner: Pick<Planner, 'answer'>;
  readonly logs: LogStore;
  readonly limits: Limits;
  /** The cache of packages. Absent: there is none. */
  readonly cache?: CacheConfig | null;
  readonly logger: Logger;
  /** The identity under which this process owns attempts. */
  readonly owner: string;
}

interface Live {
  readonly projectId: number;
  readonly cancel: AbortController;
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** Runs attempts: each on its machine, to its one verdict. */
export class Executor {
  private readonly live = new Map<number, Live>();
  private readonly steps: StepBook;
  private readonly starts: Batcher<number, boolean>;
  private readonly ends: Batcher<AttemptEnd, EndedJob | null>;
  private readonly pool: Pool;
  private renewal: NodeJS.Timeout | null = null;
  private stopped = false;

  constructor(private readonly parts: ExecutorParts) {
    this.pool = parts.database.pool;
    this.steps = new StepBook(this.pool, parts.logger);
    this.starts = new Batcher((ids) => this.writeStarts(ids));
    this.ends = new Batcher((ends) => this.writeEnds(ends));
    parts.events.on('cancel', (ids) => this.cancel(ids));
  }

  /** How many attempts run now, by project. This process runs all there are: it has the right to schedule. */
  runningByProject(): Map<number, number> {
    const counts = new Map<number, number>();
    for (const { projectId } of this.live.values()) counts.set(projectId, (counts.get(projectId) ?? 0) + 1);
    return counts;
  }

  /** Goes on with whatever an earlier process left without a verdict. Returns how many there are. */
  async adopt(): Promise<number> {
    this.stopped = false;
    this.renewal ??= setInterval(() => void this.renew(), RENEW_MS);
    const ids = await takeOverAttempts(this.pool, this.parts.owner, LEASE_SECONDS);
    await this.begin(ids);
    return ids.length;
  }

  /** Begins attempts that have just been assigned. */
  async begin(ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    const { attempts, unreadable } = await loadAttempts(this.pool, this.parts.owner, ids);
    for (const attempt of attempts) this.launch(attempt);
    for (const attempt of unreadable) await this.giveUp(attempt);
  }

  /** Lets go of all attempts without ending them: their machines go on, and the next process adopts them; or this one, by `adopt`. */
  async stop(): Promise<void> {
    this.stopped = true;
    if (this.renewal) clearInterval(this.renewal);
    this.renewal = null;
    for (const live of this.live.values()) live.stop.abort(new Error('the server stops'));
    await Promise.allSettled([...this.live.values()].map((live) => live.done));
  }

  private launch(attempt: LoadedAttempt): void {
    if (this.stopped || this.live.has(attempt.attemptId)) return;
    const cancel = new AbortController();
    const stop = new AbortController();
    if (attempt.cancelRequested) cancel.abort();
    const done = this.execute(attempt, cancel.signal, stop.signal).finally(() => this.live.delete(attempt.attemptId));
    this.live.set(attempt.attemptId, { projectId: attempt.projectId, cancel, stop, done });
  }

  /** What fails here is tried again at the next renewal of leases: an attempt that is ours always has somebody who runs it. */
  private async execute(attempt: LoadedAttempt, cancel: AbortSignal, signal: AbortSignal): Promise<void> {
    try {
      const { outcome, recorded } = await this.runToOutcome(attempt, cancel, signal);
      await recorded;
      await this.finish(attempt.attemptId, outcome, signal);
      await this.release(attempt.machineId, signal);
    } catch (error) {
      if (!signal.aborted) this.parts.logger.error('an attempt could not be brought to its end; trying again', { attempt: attempt.attemptId, error });
    }
  }

  /** A mistake of our own must not leave a job without a verdict. `recorded` resolves when all its steps are written. */
  private async runToOutcome(
    attempt: LoadedAttempt,
    cancel: AbortSignal,
    signal: AbortSignal,
  ): Promise<{ outcome: AttemptOutcome; recorded: Promise<unknown> }> {
    const notes: Promise<void>[] = [];
    try {
      return { outcome: await this.run(attempt, cancel, signal, notes), recorded: Promise.all(notes) };
    } catch (error) {
      signal.throwIfAborted();
      if (!(await persist(() => isOurs(this.pool, attempt.attemptId, this.parts.owner), this.parts.logger, signal))) throw error;
      this.parts.logger.error('an attempt failed in the server itself', { attempt: attempt.attemptId, error });
      const reason = `the server failed at it: ${error instanceof Error ? error.message : String(error)}`;
      return { outcome: await this.errored(attempt.attemptId, reason), recorded: Promise.all(notes) };
    }
  }

  private async errored(attemptId: number, reason: string): Promise<AttemptOutcome> {
    return { verdict: 'errored', reason, logSize: await closeLog(this.parts.logs, attemptId, reason) };
  }

  private async withoutMachine(attempt: LoadedAttempt, cancel: AbortSignal): Promise<AttemptOutcome> {
    const { line, ...end } = lostEnd(attempt, 'it is no longer there');
    if (!cancel.aborted) return { ...end, logSize: await closeLog(this.parts.logs, attempt.attemptId, line) };
    return { verdict: 'canceled', reason: null, logSize: await closeLog(this.parts.logs, attempt.attemptId, end.reason) };
  }

  private async giveUp({ attemptId, machineId, problem }: UnreadableAttempt): Promise<void> {
    const { signal } = new AbortController();
    await this.finish(attemptId, await this.errored(attemptId, problem), signal);
    await this.release(machineId, signal);
  }

  /** A verdict may have been refused because another process owns the attempt; then the machine is that one's, too. */
  private async release(machineId: string, signal: AbortSignal): Promise<void> {
    const { ours, heldUntil } = await persist(() => machineAfter(this.pool, machineId, this.parts.owner), this.parts.logger, signal);
    if (ours && heldUntil !== null) this.parts.pools.hold(machineId, heldUntil);
    else if (ours) await this.parts.pools.release(machineId);
  }

  private async run(attempt: LoadedAttempt, cancel: AbortSignal, signal: AbortSignal, notes: Promise<void>[]): Promise<AttemptOutcome> {
    const machine = this.parts.pools.find(attempt.machineId);
    if (machine === null) return await this.withoutMachine(attempt, cancel);
    const outfit = await persist(() => outfitOf(attempt, machine, cancel.aborted, this.parts), this.parts.logger, signal);
    if ('problem' in outfit) return await this.errored(attempt.attemptId, outfit.problem);
    const collected = collecting(attempt, machine.image?.image ?? null, { ...this.parts, pool: this.pool });
    const outcome = await runAttempt(attempt, {
      driver: machine.driver,
      ...outfit,
      ...(collected.collect === null ? {} : { collect: collected.collect }),
      committed: (path) => this.committed(attempt, path, signal),
      packages: packageOffer(machine.packages, this.parts.cache ?? null),
      limits: this.parts.limits,
      logs: this.parts.logs,
      logger: this.parts.logger,
      targets: {
        step: (record) => {
          const note = persist(() => this.steps.note(record), this.parts.logger, signal);
          // Waited for at the end; until then a rejection must not look unhandled.
          note.catch(() => undefined);
          notes.push(note);
          this.parts.events.emit('step', { jobId: attempt.jobId, attempt: attempt.number, step: stepView(record) });
        },
        log: (event) => this.parts.events.emit('log', event),
      },
      checkout: () => this.checkout(attempt, AbortSignal.any([signal, cancel])),
      started: () => this.started(attempt, signal),
      isOurs: () => persist(() => isOurs(this.pool, attempt.attemptId, this.parts.owner), this.parts.logger, signal),
      cancel,
      signal,
    });
    const { planned } = collected;
    return planned === null || outcome.verdict !== 'passed' ? outcome : { ...outcome, planned };
  }

  private async checkout({ projectId, change, spec, trust }: LoadedAttempt, signal: AbortSignal): Promise<CheckoutPlan> {
    const options = { ...(spec.checkout ?? { depth: null, submodules: false }), untrusted: isStrangers(trust) };
    return await persist(() => this.parts.sources.checkout(projectId, change, options, signal), this.parts.logger, signal);
  }

  private async committed({ projectId, change }: LoadedAttempt, path: string, signal: AbortSignal): Promise<string | null> {
    const files = await persist(() => this.parts.sources.readFiles(projectId, change.commit, [path], signal), this.parts.logger, signal);
    return files.get(path) ?? null;
  }

  private async started(attempt: LoadedAttempt, signal: AbortSignal): Promise<void> {
    const ours = await persist(() => this.starts.add(attempt.attemptId), this.parts.logger, signal);
    if (!ours) {
      this.letGo(attempt.attemptId);
      signal.throwIfAborted();
    }
    this.parts.events.emit('jobs', [attempt.jobId]);
  }

  private async finish(attemptId: number, outcome: AttemptOutcome, signal: AbortSignal): Promise<void> {
    const job = await persist(() => this.ends.add({ ...outcome, attemptId }), this.parts.logger, signal);
    if (job === null) this.parts.logger.warn('a late verdict was refused', { attempt: attemptId, verdict: outcome.verdict });
    else {
      if (outcome.loss) this.parts.logger.warn('an attempt has lost its machine', { attempt: attemptId, reason: outcome.reason, again: job.again });
      this.parts.events.emit('jobs', [job.jobId]);
      this.parts.events.emit('builds', [job.buildId]);
    }
    this.parts.events.emit('wake');
  }

  private async writeStarts(ids: readonly number[]): Promise<boolean[]> {
    const ours = await withTransaction(this.parts.database, (client) => markRunning(client, ids, this.parts.owner));
    return ids.map((id) => ours.has(id));
  }

  private async writeEnds(ends: readonly AttemptEnd[]): Promise<readonly (EndedJob | null)[]> {
    const { database, owner, isolation } = this.parts;
    const { ended, moved } = await writeEnds(database, owner, isolation, ends);
    this.parts.events.emit('jobs', moved);
    return ended;
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
      const held = await renewLeases(this.pool, this.parts.owner, LEASE_SECONDS);
      const ids = new Set(held.map((row) => row.id));
      for (const id of before) if (!ids.has(id)) await this.unlessFinished(id);
      this.cancel(held.filter((row) => row.cancel).map((row) => row.id));
      await this.begin([...ids].filter((id) => !this.live.has(id)));
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
