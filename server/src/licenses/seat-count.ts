import type { PlanLicense } from '../scheduling/license-types.ts';

/** What is left of a licence pool while seats of it are given away one by one. */
export class SeatCount {
  private free: number;
  private readonly held: Map<number, number>;

  constructor(readonly pool: PlanLicense) {
    this.free = pool.free;
    this.held = new Map(pool.held);
  }

  /** Whether the project already has as many as one project may have. */
  isAtCap(projectId: number): boolean {
    return this.heldBy(projectId) >= (this.pool.mostPerProject ?? Number.POSITIVE_INFINITY);
  }

  /** Seats that a job of the project could get: those that are free and not kept for others. */
  availableTo(projectId: number): number {
    return this.free - this.keptFromOthersThan(projectId);
  }

  /** Free seats that others have reserved and not taken yet. */
  keptFromOthersThan(projectId: number): number {
    let kept = 0;
    for (const [other, seats] of this.pool.reserved) if (other !== projectId) kept += Math.max(0, seats - this.heldBy(other));
    return kept;
  }

  /** Whether a job of the project could have one now. */
  hasFor(projectId: number): boolean {
    return !this.isAtCap(projectId) && this.availableTo(projectId) > 0;
  }

  take(projectId: number): void {
    this.free -= 1;
    this.held.set(projectId, this.heldBy(projectId) + 1);
  }

  private heldBy(projectId: number): number {
    return this.held.get(projectId) ?? 0;
  }
}
