import type { LicenseCount, LicenseUse } from '#plugins/api';

/**
 * A lease as it is held against what a licence server says. `held`, `quarantined`: of a pool of the feature, and counted as taken there. `over`: its client was killed, and its quarantine has run
 * out without that anybody saw its seat come free. `elsewhere`: held of another pool of the product, whose jobs' clients may ask for the feature, too.
 */
export interface KnownLease {
  readonly id: number;
  readonly state: 'held' | 'quarantined' | 'over' | 'elsewhere';
  readonly takenAt: Date;
  /** Null while it is held. */
  readonly releasedAt: Date | null;
}

/** What follows from an answer. */
export interface Reconciled {
  /** Seats that are taken at the server without that a lease counts for them. */
  readonly outside: number;
  /** Leases in quarantine that are surely free at the server. */
  readonly freed: readonly number[];
  /** What killed clients have surely left there. */
  readonly left: readonly LicenseUse[];
}

/** Servers say to the minute since when. */
const EXACTNESS_MS = 60_000;
/** How far the server's clock may be from ours. */
const SKEW_MS = 60_000;
/** How long what a killed client has said last may be under way. */
const SETTLE_MS = 30_000;

/**
 * Holds our leases against what the licence server said after they were read at `at`. Where it is not certain whose a use is, it is counted so that no seat is given twice, and no quarantine
 * ends, and nothing is removed. A job is taken to use one seat by one lease.
 */
export function reconcile(leases: readonly KnownLease[], { uses }: LicenseCount, at: Date): Reconciled {
  const ours = uses.filter(({ isOurs }) => isOurs);
  const of = (...states: readonly KnownLease['state'][]): KnownLease[] => leases.filter(({ state }) => states.includes(state));
  return {
    outside: uses.reduce((sum, use) => sum + use.seats, 0) - covered(ours, of('held', 'quarantined'), of('over')),
    freed: of('quarantined').flatMap((lease) => (isFree(lease, ours, at) ? [lease.id] : [])),
    left: ours.filter((use) => isLeft(use, of('quarantined', 'over'), of('held', 'elsewhere'), at)),
  };
}

/**
 * How many seats at the server are surely those of leases that are counted: as many as can be paired with one, less those that may be what a lease has left that is counted no more.
 */
function covered(ours: readonly LicenseUse[], counted: readonly KnownLease[], over: readonly KnownLease[]): number {
  const doubtful = ours.filter((use) => over.some((lease) => mayBeOf(use, lease))).length;
  const leavers = over.filter((lease) => ours.some((use) => mayBeOf(use, lease))).length;
  return Math.max(0, pairs(ours, counted) - Math.min(doubtful, leavers));
}

/** How many uses can be paired with a lease each: every one with that whose time ends first. Uses of no known time come last, and fit what is left. */
function pairs(ours: readonly LicenseUse[], counted: readonly KnownLease[]): number {
  const open = [...counted].sort((one, other) => endOf(one) - endOf(other));
  const timed = ours.filter(({ since }) => since !== null).sort((one, other) => timeOf(one) - timeOf(other));
  let paired = 0;
  for (const use of timed) {
    const found = open.findIndex((lease) => mayBeOf(use, lease));
    if (found < 0) continue;
    open.splice(found, 1);
    paired += 1;
  }
  return paired + Math.min(open.length, ours.length - timed.length);
}

/** Its client has had the time to say its last word, and no use could be its. */
function isFree(lease: KnownLease, ours: readonly LicenseUse[], at: Date): boolean {
  return at.getTime() - endOf(lease) >= SETTLE_MS && !ours.some((use) => mayBeOf(use, lease));
}

/** A client that was killed could have left it, and none that lives could have it: nor one that began since the leases were read. */
function isLeft(use: LicenseUse, killed: readonly KnownLease[], living: readonly KnownLease[], at: Date): boolean {
  if (use.since === null || use.handle === null || latest(use) > at.getTime()) return false;
  return killed.some((lease) => mayBeOf(use, lease)) && !living.some((lease) => mayBeOf(use, lease));
}

/** Whether a use may have begun while a lease was held, by two clocks of which one is exact to the minute. */
function mayBeOf(use: LicenseUse, lease: KnownLease): boolean {
  return use.since === null || (latest(use) >= lease.takenAt.getTime() && timeOf(use) - SKEW_MS <= endOf(lease));
}

/** The last moment at which it may have begun, by our clock. */
function latest(use: LicenseUse): number {
  return timeOf(use) + EXACTNESS_MS + SKEW_MS;
}

function timeOf({ since }: LicenseUse): number {
  return since?.getTime() ?? 0;
}

function endOf({ releasedAt }: KnownLease): number {
  return releasedAt?.getTime() ?? Number.POSITIVE_INFINITY;
}
