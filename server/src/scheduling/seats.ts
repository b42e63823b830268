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
 * wait for ever behind those that need one: for the first that is overdue free seats are kept, and no other gets those.
 */
export class Seats {
  private readonly states: readonly PoolState[];
  private isKept = false;

  constructor(licenses: readonly PlanLicense[]) {
    this.states = licenses.map((pool) => ({ pool, free: pool.free, held: new Map(pool.held) }));
  }

  /** What the job would get now. Takes nothing. */
  choose({ seats, projectId }: QueuedJob): SeatChoice {
    if (seats === undefined || seats.products.length === 0) return { pools: [] };
    const pools: string[] = [];
    for (const product of seats.products) {
      const found = this.find(product, projectId);
      if ('reason' in found) return found;
      pools.push(found.pool.name);
    }
    return seats.isAllowed ? { pools } : { reason: { kind: 'unlicensed', products: seats.products } };
  }

  /** Gives the job the seats that were chosen. */
  take({ projectId }: QueuedJob, pools: readonly string[]): void {
    for (const state of this.states) {
      if (!pools.includes(state.pool.name)) continue;
      state.free -= 1;
      state.held.set(projectId, (state.held.get(projectId) ?? 0) + 1);
    }
  }

  /** The job waits for seats. The first that does so for too long keeps those that are free. */
  keepFor({ seats, projectId }: QueuedJob): void {
    if (seats?.isOverdue !== true || this.isKept) return;
    this.isKept = true;
    for (const product of seats.products) {
      const found = this.find(product, projectId);
      if ('pool' in found) found.free -= 1;
    }
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
