import type { Logger } from '#plugins/api';
import { type AssignedAttempt, assignJobs, beginBuilds } from '../builds/sql/assign-jobs.ts';
import { failQueued } from '../builds/sql/fail-queued.ts';
import { oldestQueued, queueWindow, type QueuedRow, runningByProject } from '../builds/sql/queue-window.ts';
import { requirementsOf } from '../builds/shape.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { type Database, withTransaction } from '../database/index.ts';
import { type Executor, LEASE_SECONDS } from '../execution/executor.ts';
import type { MachinePools } from '../machines/machine-pools.ts';
import { explain } from './explain.ts';
import { plan } from './plan.ts';
import { wantedMachines } from './wanted-machines.ts';
import type { Assignment, PlanResult, QueuedJob, WaitReason } from './plan-types.ts';

export interface SchedulerParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly pools: MachinePools;
  readonly executor: Executor;
  readonly logger: Logger;
  readonly owner: string;
}

/** Even without a wake, it looks this often: a wake may be lost, the tables are the truth. */
const TICK_MS = 2000;
/** At least so many jobs of each project and shape are looked at, so that reasons are known beyond those that begin. */
const WINDOW = 32;

/** Lets queued jobs begin on ready machines: looks, plans, assigns, hands over; again whenever something changed. */
export class Scheduler {
  private timer: NodeJS.Timeout | null = null;
  private turning: Promise<void> | null = null;
  private again = false;
  private stopped = true;
  private reasons = new Map<number, WaitReason>();

  constructor(private readonly parts: SchedulerParts) {
    parts.events.on('wake', () => this.wake());
  }

  start(): void {
    this.stopped = false;
    this.timer = setInterval(() => this.wake(), TICK_MS);
    this.wake();
  }

  async stop(): Promise<void> {
    this.stopped = true;
    if (this.timer) clearInterval(this.timer);
    await this.turning;
  }

  /** Why a queued job waits, in words, as of the last look. */
  reasonFor(jobId: number): string {
    const reason = this.reasons.get(jobId);
    return reason ? explain(reason) : 'waits for its turn';
  }

  /** The queue in the order of its jobs' turns: the oldest `limit` jobs with their reasons now. */
  async queue(limit: number): Promise<{ total: number; entries: { jobId: number; reason: string }[] }> {
    const { total, jobs } = await oldestQueued(this.parts.database.pool, limit);
    const result = await this.plan(jobs);
    const starting = result.assignments.map((one) => ({ jobId: one.jobId, reason: `begins now on a machine of pool ${one.pool}` }));
    const waiting = result.waiting.map((one) => ({ jobId: one.jobId, reason: explain(one.reason) }));
    return { total, entries: [...starting, ...waiting] };
  }

  private wake(): void {
    if (this.stopped) return;
    this.again = true;
    this.turning ??= this.turns().finally(() => {
      this.turning = null;
      // A wake between the last look and here.
      if (this.again) this.wake();
    });
  }

  private async turns(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        await this.turn();
      } catch (error) {
        this.parts.logger.error('the scheduler could not take its turn; trying again', { error });
        return;
      }
    }
  }

  private async turn(): Promise<void> {
    const free = this.parts.pools.snapshot().reduce((sum, pool) => sum + pool.ready, 0);
    const window = await queueWindow(this.parts.database.pool, Math.max(WINDOW, free));
    const result = await this.plan(window);
    this.reasons = new Map(result.waiting.map((one) => [one.jobId, one.reason]));
    await this.assign(result.assignments);
    await this.giveUp(result.waiting.filter((one) => one.reason.kind === 'no-image'));
    const waiting = new Set(result.waiting.map((one) => one.jobId));
    const left = window.filter((row) => waiting.has(row.id)).map(queuedJob);
    this.parts.pools.make(wantedMachines(this.parts.pools.snapshot(), left));
  }

  private async plan(rows: readonly QueuedRow[]): Promise<PlanResult> {
    const running = await runningByProject(this.parts.database.pool);
    return plan({ queue: rows.map(queuedJob), pools: this.parts.pools.snapshot(), running });
  }

  private async assign(assignments: readonly Assignment[]): Promise<void> {
    if (assignments.length === 0) return;
    const pairs = this.pair(assignments);
    const { owner, database, executor, pools, events } = this.parts;
    const attempts: AssignedAttempt[] = await withTransaction(database, (client) => assignJobs(client, owner, LEASE_SECONDS, pairs));
    for (const attempt of attempts) pools.assigned(attempt.machineId);
    events.emit(
      'jobs',
      attempts.map((attempt) => attempt.jobId),
    );
    await executor.begin(attempts.map((attempt) => attempt.attemptId));
    events.emit('builds', await beginBuilds(database.pool, [...new Set(attempts.map((attempt) => attempt.buildId))]));
  }

  /** Each assignment with a ready machine of its pool. */
  private pair(assignments: readonly Assignment[]): { jobId: number; machineId: string; isolation: string }[] {
    const left = new Map<string, string[]>();
    const pairs = [];
    for (const { jobId, pool } of assignments) {
      const ids = left.get(pool) ?? this.parts.pools.readyMachines(pool).map((machine) => machine.id);
      left.set(pool, ids);
      const machineId = ids.shift();
      if (machineId !== undefined) pairs.push({ jobId, machineId, isolation: this.parts.pools.isolationOf(pool) });
    }
    return pairs;
  }

  /** No machine here could ever run these. */
  private async giveUp(waiting: readonly { jobId: number; reason: WaitReason }[]): Promise<void> {
    if (waiting.length === 0) return;
    const jobs = waiting.map((one) => ({ jobId: one.jobId, reason: explain(one.reason) }));
    const { jobIds, buildIds } = await withTransaction(this.parts.database, (client) => failQueued(client, jobs));
    this.parts.events.emit('jobs', jobIds);
    this.parts.events.emit('builds', buildIds);
  }
}

function queuedJob(row: QueuedRow): QueuedJob {
  return { jobId: row.id, projectId: row.projectId, order: row.id, priority: 0, requirements: requirementsOf(row.shape) };
}
