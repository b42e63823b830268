/** A licence pool as it shares the seats of a feature with others. */
export interface SharingPool {
  readonly id: number;
  /** The most that it may have. */
  readonly seats: number;
  /** Seats of it that leases have. */
  readonly taken: number;
}

/**
 * Divides seats that a licence server has for us among the pools of one feature: each gets what its leases have, then the first ones as much as they may have. Together they never get more than
 * there are, however quickly jobs begin until the server is asked again; what one does not use another does not get.
 */
export function shareSeats(pools: readonly SharingPool[], available: number): Map<number, number> {
  let rest = Math.max(0, available);
  const shares = new Map<number, number>();
  const give = (id: number, wanted: number): void => {
    const given = Math.max(0, Math.min(rest, wanted));
    shares.set(id, (shares.get(id) ?? 0) + given);
    rest -= given;
  };
  for (const { id, seats, taken } of pools) give(id, Math.min(seats, taken));
  for (const { id, seats } of pools) give(id, seats - (shares.get(id) ?? 0));
  return shares;
}

/** Seats that a pool cannot have: what is taken outside, and the shares of the others. */
export function outsideOf(id: number, outside: number, shares: ReadonlyMap<number, number>): number {
  let others = 0;
  for (const [other, share] of shares) if (other !== id) others += share;
  return outside + others;
}
