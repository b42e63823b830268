import type { PlanLicense, QueuedJob, WaitReason } from './plan-types.ts';

/** What is left of a licence pool while the plan is made. */
interface PoolState {
  readonly pool: PlanLicense;
  free: number;
  readonly held: Map<number, number>;
}

/** A job needs no seat, or there is one of each product: the pools. */
export type SeatChoice = { readonly pools: readonly string[] } | { readonly reason: WaitReason };

/**
 * The seats of all licence pools while a plan is made. A job gets all that it needs or none, so that none waits with seats in its hands. That alone would let jobs that need many
 * wait for ever behind those that need one: for the oldest that is overdue free seats are kept, whoever's turn it is, and no other gets those.
 */
export class Seats {
  private readonly states: readonly PoolState[];
  /** The job for which seats are kept, and of which pool by product. */
  private readonly keeper: number | null;
  private readonly kept = new Map<string, PoolState>();

  constructor(licenses: readonly PlanLicense[], queue: readonly QueuedJob[]) {
    this.states = licenses.map((pool) => ({ pool, free: pool.free, held: new Map(pool.held) }));
    const overdue = queue.filter(({ seats }) => seats?.isOverdue === true && seats.isAllowed);
    const oldest = overdue.reduce<QueuedJob | null>((first, one) => (first === null || one.order < first.order ? one : first), null);
    this.keeper = oldest?.jobId ?? null;
    if (oldest !== null) this.keepFor(oldest);
  }

  /** What the job would get now. Takes nothing. */
  choose(job: QueuedJob): SeatChoice {
    const { seats } = job;
    if (seats === undefined || seats.products.length === 0) return { pools: [] };
    const pools: string[] = [];
    for (const product of seats.products) {
      const found = this.keptBy(job, product) ?? this.find(product, job.projectId);
      if ('reason' in found) return found;
      pools.push(found.pool.name);
    }
    return seats.isAllowed ? { pools } : { reason: { kind: 'unlicensed', products: seats.products } };
  }

  /** Gives the job the seats that were chosen. */
  take(job: QueuedJob, pools: readonly string[]): void {
    for (const state of this.states) {
      if (!pools.includes(state.pool.name)) continue;
      if (this.keptBy(job, state.pool.product) !== state) state.free -= 1;
      state.held.set(job.projectId, (state.held.get(job.projectId) ?? 0) + 1);
    }
  }

  private keepFor({ seats, projectId }: QueuedJob): void {
    for (const product of seats?.products ?? []) {
      const found = this.find(product, projectId);
      if ('reason' in found) continue;
      found.free -= 1;
      this.kept.set(product, found);
    }
  }

  private keptBy({ jobId }: QueuedJob, product: string): PoolState | undefined {
    return jobId === this.keeper ? this.kept.get(product) : undefined;
  }

  private find(product: string, projectId: number): PoolState | { readonly reason: WaitReason } {
    const all = this.states.filter(({ pool }) => pool.product === product);
    if (all.length === 0) return { reason: { kind: 'no-license', product, offers: [...new Set(this.states.map(({ pool }) => pool.product))] } };
    const open = all.filter(({ pool, held }) => (held.get(projectId) ?? 0) < (pool.mostPerProject ?? Number.POSITIVE_INFINITY));
    const free = open.find((state) => state.free > 0);
    if (free !== undefined) return free;
    const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
    if (open.length === 0) return { reason: { kind: 'seat-cap', product, most: sum(all.map(({ pool }) => pool.mostPerProject ?? 0)) } };
    return { reason: { kind: 'no-seat', product, seats: sum(all.map(({ pool }) => pool.seats)) } };
  }
}
