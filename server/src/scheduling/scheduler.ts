import { setTimeout as pause } from 'node:timers/promises';
import type { Logger } from '#plugins/api';
import { beginBuilds } from '../builds/sql/assign-jobs.ts';
import { failQueued } from '../builds/sql/fail-queued.ts';
import { countQueued, queueWindow, type QueuedRow } from '../builds/sql/queue-window.ts';
import { demandOf, type IsolationRules, readLevel } from '../builds/isolation-demand.ts';
import { readShape, type Shape } from '../builds/shape.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import { type Executor, LEASE_SECONDS } from '../execution/executor.ts';
import type { MachinePools } from '../machines/machine-pools.ts';
import type { Machine } from '../machines/machine.ts';
import { seatsNow } from '../licenses/sql/seats-now.ts';
import { beginJobs, type Beginning } from './begin-jobs.ts';
import { isSeatReason } from './explain-seats.ts';
import { explain } from './explain.ts';
import { noteRefusals, seatRefusals } from './refusals.ts';
import { plan } from './plan.ts';
import { wantedMachines } from './wanted-machines.ts';
import { NEVER, type PlanLicense, productOf } from './license-types.ts';
import type { Assignment, PlanResult, QueuedJob, WaitReason } from './plan-types.ts';

export interface SchedulerParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly pools: MachinePools;
  readonly executor: Executor;
  readonly logger: Logger;
  readonly owner: string;
  /** What the installation demands of machines. */
  readonly isolation: IsolationRules;
}

/** Even without a wake, it looks this often: a wake may be lost, the tables are the truth. */
const TICK_MS = 2000;
/** Whether a job may need a seat: for what it says, or for its compiler. */
function needsSeats({ licenses, requirements }: Shape): boolean {
  return licenses.needs.length > 0 || requirements.compiler !== undefined;
}

/** At least so many jobs of each project and shape are looked at, so that reasons are known beyond those that begin. */
const WINDOW = 32;
/** A job that has waited so long for several seats is kept those that are free. */
const OVERDUE_SECONDS = 300;
const NEEDS_IMAGE: ReadonlySet<WaitReason['kind']> = new Set(['no-image', 'too-weak']);
/** Of licences those that another image may change: which compiler it has decides which licence is needed. */
const OF_MACHINES: ReadonlySet<WaitReason['kind']> = new Set(['tied', 'no-license']);
/** Between two turns, so that what wakes it many times in this is one turn. The first turn after a rest comes at once. Milliseconds. */
const PACE_MS = 8;

/** Lets queued jobs begin on ready machines: looks, plans, assigns, hands over; again whenever something changed. */
export class Scheduler {
  private timer: NodeJS.Timeout | null = null;
  private turning: Promise<void> | null = null;
  private again = false;
  /** Why nothing is scheduled here now, as the reason of everything that waits; null while it is. */
  private rests: string | null = 'the server is still starting';
  private reasons = new Map<number, WaitReason>();

  constructor(private readonly parts: SchedulerParts) {
    parts.events.on('wake', () => this.wake());
  }

  /** Begins, or goes on after a stop. */
  start(): void {
    this.rests = null;
    this.timer ??= setInterval(() => this.wake(), TICK_MS);
    this.wake();
  }

  /** From now on nothing more is assigned; `reason` is what jobs wait for meanwhile. Resolves when the turn that was under way has ended. */
  async stop(reason = 'the server stops'): Promise<void> {
    this.rests = reason;
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    await this.turning;
  }

  /** Why a queued job waits, in words, as of the last look. */
  reasonFor(jobId: number): string {
    if (this.rests !== null) return this.rests;
    const reason = this.reasons.get(jobId);
    return reason ? this.explain(reason) : 'waits for its turn';
  }

  /** The jobs that wait for a licensed seat, as of the last look: of each what it needs, and why it does not get it, in words. */
  seatWaits(): { readonly jobId: number; readonly product: string; readonly reason: string }[] {
    if (this.rests !== null) return [];
    return [...this.reasons].flatMap(([jobId, reason]) =>
      isSeatReason(reason) ? [{ jobId, product: productOf(reason.need), reason: explain(reason) }] : [],
    );
  }

  /** How many jobs wait in all. */
  async queued(): Promise<number> {
    return await countQueued(this.parts.database.pool);
  }

  /** The queue in the order of its jobs' turns: the first `limit` jobs with their reasons now. */
  async queue(limit: number): Promise<{ total: number; entries: { jobId: number; reason: string }[] }> {
    // None of the first `limit` can be beyond the first `limit` of its own project and shape.
    const [total, window] = await Promise.all([this.queued(), queueWindow(this.parts.database.pool, limit)]);
    const { assignments, waiting } = this.plan(window, await this.licenses(window));
    const entries = [
      ...assignments.map((one) => ({ jobId: one.jobId, reason: `begins now on a machine of pool ${one.pool}` })),
      ...waiting.map((one) => ({ jobId: one.jobId, reason: this.explain(one.reason) })),
    ].slice(0, limit);
    const { rests } = this;
    return { total, entries: rests === null ? entries : entries.map(({ jobId }) => ({ jobId, reason: rests })) };
  }

  /** What nothing here can run waits all the same for an image that is still to be made: see `giveUp`. */
  private explain(reason: WaitReason): string {
    const { awaited } = this.parts.pools;
    const lacksImage = NEEDS_IMAGE.has(reason.kind) || OF_MACHINES.has(reason.kind);
    return lacksImage && awaited.length > 0 ? `waits for an image: ${awaited.join('; ')}` : explain(reason);
  }

  private wake(): void {
    if (this.rests !== null) return;
    this.again = true;
    this.turning ??= this.turns().finally(() => {
      this.turning = null;
      // A wake between the last look and here.
      if (this.again) this.wake();
    });
  }

  private async turns(): Promise<void> {
    while (this.again && this.rests === null) {
      this.again = false;
      try {
        await this.turn();
      } catch (error) {
        this.parts.logger.error('the scheduler could not take its turn; trying again', { error });
        return;
      }
      await pause(PACE_MS);
    }
  }

  private async turn(): Promise<void> {
    const free = this.parts.pools.snapshot().reduce((sum, pool) => sum + pool.ready, 0);
    const window = await queueWindow(this.parts.database.pool, Math.max(WINDOW, free));
    const licenses = await this.licenses(window);
    // The right to schedule may have been lost meanwhile.
    if (this.rests !== null) return;
    const result = this.plan(window, licenses);
    this.reasons = new Map(result.waiting.map((one) => [one.jobId, one.reason]));
    await noteRefusals(this.parts.database.pool, seatRefusals(result.waiting, window));
    await this.assign(result.assignments, window);
    const isAwaited = this.parts.pools.awaited.length > 0;
    await this.giveUp(result.waiting.filter(({ reason: { kind } }) => NEEDS_IMAGE.has(kind) && !isAwaited));
    await this.giveUp(result.waiting.filter(({ reason: { kind } }) => NEVER.has(kind) && !(OF_MACHINES.has(kind) && isAwaited)));
    const waiting = new Set(result.waiting.map((one) => one.jobId));
    const left = window.filter((row) => waiting.has(row.id)).map((row) => this.queuedJob(row));
    this.parts.pools.make(wantedMachines(this.parts.pools.snapshot(), left));
  }

  private plan(rows: readonly QueuedRow[], licenses: readonly PlanLicense[]): PlanResult {
    const { pools, executor } = this.parts;
    return plan({ queue: rows.map((row) => this.queuedJob(row)), pools: pools.snapshot(), running: executor.runningByProject(), licenses });
  }

  /** Asked for only where a job needs a seat. */
  private async licenses(rows: readonly QueuedRow[]): Promise<PlanLicense[]> {
    const isNeeded =
      this.parts.pools.names().some((name) => this.parts.pools.needsLicense(name)) || rows.some(({ shape }) => needsSeats(readShape(shape)));
    return isNeeded ? await seatsNow(this.parts.database.pool) : [];
  }

  private async assign(assignments: readonly Assignment[], window: readonly QueuedRow[]): Promise<void> {
    if (assignments.length === 0) return;
    const projects = new Map(window.map(({ id, projectId }) => [id, projectId]));
    const pairs = this.pair(assignments).map((pair) => ({ ...pair, projectId: projects.get(pair.jobId) ?? 0 }));
    const { owner, database, executor, pools, events } = this.parts;
    const attempts = await withTransaction(database, (client) => beginJobs(client, owner, LEASE_SECONDS, pairs));
    for (const attempt of attempts) pools.assigned(attempt.machineId, attempt.jobId);
    events.emit(
      'jobs',
      attempts.map((attempt) => attempt.jobId),
    );
    await executor.begin(attempts.map((attempt) => attempt.attemptId));
    events.emit('builds', await beginBuilds(database.pool, [...new Set(attempts.map((attempt) => attempt.buildId))]));
  }

  /** Each assignment with a ready machine of its pool. Those that must be on some host choose first: the others may have any. */
  private pair(assignments: readonly Assignment[]): Omit<Beginning, 'projectId'>[] {
    const left = new Map<string, Machine[]>();
    const order = assignments.toSorted((one, other) => Number(one.hosts === null) - Number(other.hosts === null));
    return order.flatMap(({ jobId, pool, licenses, hosts }) => {
      const machines = left.get(pool) ?? [...this.parts.pools.readyMachines(pool)];
      left.set(pool, machines);
      const index = machines.findIndex(({ origin }) => hosts === null || (origin.host !== null && hosts.includes(origin.host)));
      const [machine] = index < 0 ? [] : machines.splice(index, 1);
      return machine === undefined ? [] : [{ jobId, machineId: machine.id, licenses, isolation: this.parts.pools.isolationOf(pool) }];
    });
  }

  /** Nothing here could ever run these. */
  private async giveUp(waiting: readonly { jobId: number; reason: WaitReason }[]): Promise<void> {
    if (waiting.length === 0 || this.rests !== null) return;
    const jobs = waiting.map((one) => ({ jobId: one.jobId, reason: explain(one.reason) }));
    const { jobIds, buildIds } = await withTransaction(this.parts.database, (client) => failQueued(client, jobs));
    this.parts.events.emit('jobs', jobIds);
    this.parts.events.emit('builds', buildIds);
  }

  /** A demand that is new since the job was queued holds for it, too, and one that was lifted still does. */
  private queuedJob({ id, projectId, shape, project, isolation: level, seconds }: QueuedRow): QueuedJob {
    const { requirements, isolation, licenses } = readShape(shape);
    const seats = { ...licenses, project, isOverdue: seconds > OVERDUE_SECONDS };
    const facts = { project: readLevel(level), stranger: isolation.stranger, queued: isolation.level };
    const wanted = { ...requirements, isolation: demandOf(this.parts.isolation, facts) };
    return { jobId: id, projectId, order: id, priority: 0, requirements: wanted, seats };
  }
}
