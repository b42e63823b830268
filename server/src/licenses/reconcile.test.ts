import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { LicenseUse } from '#plugins/api';
import { type KnownLease, reconcile, type Reconciled } from './reconcile.ts';

const MINUTE = 60_000;
/** A whole minute: servers tell no other. */
const TEN = Date.parse('2026-11-28T10:00:00Z');

/** Minutes after ten. */
function at(minutes: number): Date {
  return new Date(TEN + minutes * MINUTE);
}

function use(since: number | null, more: Partial<LicenseUse> = {}): LicenseUse {
  return { user: 'ci', host: 'worker', seats: 1, since: since === null ? null : at(since), isOurs: true, handle: `h${since}`, ...more };
}

let last = 0;
function lease(state: KnownLease['state'], takenAt: number, releasedAt: number | null = null): KnownLease {
  last += 1;
  return { id: last, state, takenAt: at(takenAt), releasedAt: releasedAt === null ? null : at(releasedAt) };
}

function compare(leases: readonly KnownLease[], uses: readonly LicenseUse[], now: number): Reconciled {
  return reconcile(leases, { seats: 100, uses }, at(now));
}

describe('what is outside', () => {
  const others = use(0, { isOurs: false, seats: 3 });

  test.each([
    ['what others have', [others], [], 3],
    ['none of a lease that has not asked for its seat yet', [others], [lease('held', 9)], 3],
    ['none of a job that has', [use(9)], [lease('held', 9)], 0],
    ['what a job takes beyond its seat', [use(9, { seats: 3 })], [lease('held', 9)], 2],
    ['what no lease is for', [use(9), use(9)], [lease('held', 9)], 1],
    ['what began before any lease', [use(2)], [lease('held', 9)], 1],
    ['none of a seat in quarantine', [use(3)], [lease('quarantined', 3, 5)], 0],
    ['what began after a quarantine', [use(8)], [lease('quarantined', 3, 5)], 1],
    ['none of unknown time, while there is a lease', [use(null)], [lease('held', 9)], 0],
    ['what a quarantine that is over may have left', [use(9)], [lease('held', 9), lease('over', 8, 9.5)], 1],
    ['no more than those can have left', [use(9), use(9)], [lease('held', 9), lease('held', 9), lease('over', 8, 9.5)], 1],
    ['none of a job that a lease elsewhere has nothing to do with', [use(9)], [lease('elsewhere', 9)], 1],
    ['pairs found whatever their order', [use(5), use(9)], [lease('held', 1), lease('quarantined', 4, 6)], 0],
  ] as const)('%s', (_, uses, leases, outside) => {
    expect(compare(leases, uses, 10).outside).toBe(outside);
  });
});

describe('a quarantine', () => {
  const killed = lease('quarantined', 3, 5);

  test.each([
    ['ends where the server shows no use', [], 10, true],
    ['ends beside uses of others', [use(4, { isOurs: false })], 10, true],
    ['ends beside uses from before', [use(0.9)], 10, true],
    ['ends beside uses from after', [use(6.1)], 10, true],
    ['stays while a use could be its', [use(4)], 10, false],
    ['stays for a clock that is a minute early, and a minute that is told as its beginning', [use(1)], 10, false],
    ['stays for a clock that is a minute late', [use(6)], 10, false],
    ['stays while a use is of unknown time', [use(null)], 10, false],
    ['stays while what its client has said last may be under way', [], 5.4, false],
  ] as const)('%s', (_, uses, now, isFreed) => {
    expect(compare([killed], uses, now).freed).toEqual(isFreed ? [killed.id] : []);
  });

  test('is no matter of leases that are held', () => {
    expect(compare([lease('held', 1)], [], 10).freed).toEqual([]);
  });
});

describe('what is left', () => {
  const killed = lease('quarantined', 3, 5);

  test.each([
    ['is what a killed client could have, and nobody who lives', [use(4)], [killed], true],
    ['is so for long after', [use(4)], [lease('over', 3, 5)], true],
    ['is nothing that nobody was killed for', [use(4)], [], false],
    ['is nothing of others', [use(4, { isOurs: false })], [killed], false],
    ['is nothing of unknown time', [use(null)], [killed], false],
    ['is nothing that cannot be named', [use(4, { handle: null })], [killed], false],
    ['is nothing that a living job may have', [use(4)], [killed, lease('held', 4)], false],
    ['is nothing that a living job may have, whose clock is ahead', [use(4)], [killed, lease('held', 6)], false],
    ['is something though jobs began later', [use(4)], [killed, lease('held', 6.1)], true],
    ['is nothing that a job of another pool of the product may have', [use(4)], [killed, lease('elsewhere', 3)], false],
  ] as const)('%s', (_, uses, leases, isLeft) => {
    expect(compare(leases, uses, 10).left).toEqual(isLeft ? uses : []);
  });

  test('is nothing that may have begun after the leases were read', () => {
    expect(compare([killed], [use(4)], 5.9).left).toEqual([]);
    expect(compare([killed], [use(4)], 6).left).toHaveLength(1);
  });
});

/** A job as it really was, in seconds; its client took its seat so long after its lease began, or never. */
interface Job {
  readonly takenAt: number;
  readonly lasts: number | null;
  readonly isKilled: boolean;
  readonly asksAfter: number | null;
  /** Of a killed one: whether the server still counts its client, and whether its quarantine is over. */
  readonly isCounted: boolean;
  readonly isOver: boolean;
}

const job: fc.Arbitrary<Job> = fc.record({
  takenAt: fc.integer({ min: 0, max: 900 }),
  lasts: fc.option(fc.integer({ min: 1, max: 400 })),
  isKilled: fc.boolean(),
  asksAfter: fc.option(fc.integer({ min: 0, max: 500 })),
  isCounted: fc.boolean(),
  isOver: fc.boolean(),
});
const NOW = 1000;

/** What was so, and what the server tells of it by a clock that is `skew` seconds ahead. */
class World {
  readonly leases: KnownLease[] = [];
  readonly living = new Set<string>();
  /** Uses at the server, by the lease of their job. */
  readonly uses = new Map<number, LicenseUse>();
  waiting = 0;

  constructor(
    jobs: readonly Job[],
    private readonly skew: number,
    private readonly outsiders: number,
  ) {
    for (const [index, one] of jobs.entries()) this.add(index + 1, one);
  }

  tell(): LicenseUse[] {
    return [...this.uses.values(), ...(this.outsiders === 0 ? [] : [use(0, { isOurs: false, seats: this.outsiders })])];
  }

  private add(id: number, { takenAt, lasts, isKilled, asksAfter, isCounted, isOver }: Job): void {
    const end = lasts === null || takenAt + lasts > NOW - 30 ? null : takenAt + lasts;
    const asks = asksAfter === null || takenAt + asksAfter > Math.min(end ?? NOW, NOW) ? null : takenAt + asksAfter;
    if (end === null) this.addLiving(id, takenAt, asks);
    else if (isKilled) {
      this.leases.push({ id, state: isOver ? 'over' : 'quarantined', takenAt: seconds(takenAt), releasedAt: seconds(end) });
      if (asks !== null && isCounted) this.addUse(id, asks);
    }
  }

  private addLiving(id: number, takenAt: number, asks: number | null): void {
    this.leases.push({ id, state: 'held', takenAt: seconds(takenAt), releasedAt: null });
    if (asks === null) this.waiting += 1;
    else this.living.add(this.addUse(id, asks));
  }

  private addUse(id: number, moment: number): string {
    const told = seconds(Math.floor((moment + this.skew) / 60) * 60);
    this.uses.set(id, { ...use(0), since: told, handle: `h${id}` });
    return `h${id}`;
  }
}

function seconds(moment: number): Date {
  return new Date(TEN + moment * 1000);
}

test('whatever jobs there were, and with a clock up to a minute off: no living use is removed, no seat is given twice, and what is called free is free', () => {
  fc.assert(
    fc.property(fc.array(job, { maxLength: 8 }), fc.integer({ min: -60, max: 60 }), fc.nat(3), (jobs, skew, outsiders) => {
      const world = new World(jobs, skew, outsiders);
      const uses = world.tell();
      const { outside, freed, left } = reconcile(world.leases, { seats: 100, uses }, seconds(NOW));
      for (const { handle } of left) expect(world.living.has(handle ?? '')).toBe(false);
      for (const id of freed) expect(world.uses.has(id)).toBe(false);
      const taken = world.leases.filter(({ id, state }) => (state === 'held' || state === 'quarantined') && !freed.includes(id)).length;
      const inUse = uses.reduce((sum, one) => sum + one.seats, 0);
      expect(outside + taken).toBeGreaterThanOrEqual(inUse + world.waiting);
      expect(outside).toBeGreaterThanOrEqual(outsiders);
    }),
    { numRuns: 20_000 },
  );
});
