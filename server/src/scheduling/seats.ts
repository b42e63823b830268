import { SeatCount } from '../licenses/seat-count.ts';
import { refusedBy } from '../licenses/terms.ts';
import { hasVersion } from '../licenses/versions.ts';
import { NEVER, type PlanLicense, productOf, type SeatReason, type WantedSeats } from './license-types.ts';
import { licenseOf } from '../toolchains/msvc.ts';
import type { Fit } from './fitting-pools.ts';
import type { PlanPool, QueuedJob } from './plan-types.ts';

/** The licence pools of which a job gets a seat each, and the hosts that these tie it to; null: any. */
export interface ChosenSeats {
  readonly pools: readonly string[];
  readonly hosts: readonly string[] | null;
}

/** There is a seat for all that a job needs on a machine of some pool; or why not. */
export type SeatChoice = ChosenSeats | { readonly reason: SeatReason };

type MachineFit = Fit<PlanPool>;

const NOTHING: ChosenSeats = { pools: [], hosts: null };

/**
 * The seats of all licence pools while a plan is made. A job gets all that it needs or none, so that none waits with seats in its hands. That alone would let jobs that need many
 * wait for ever behind those that need one: for the oldest that is overdue free seats are kept, whoever's turn it is, and no other gets those.
 */
export class Seats {
  private readonly counts: readonly SeatCount[];
  /** The job for which seats are kept, and of which pool by what it needs. */
  private readonly keeper: number | null;
  private readonly kept = new Map<string, SeatCount>();

  /** `first`: where a job would rather run. */
  constructor(licenses: readonly PlanLicense[], queue: readonly QueuedJob[], first: (job: QueuedJob) => MachineFit | undefined) {
    this.counts = licenses.map((pool) => new SeatCount(pool));
    const overdue = this.counts.length === 0 ? [] : queue.filter(({ seats }) => seats.isOverdue);
    const oldest = overdue.toSorted((one, other) => one.order - other.order).find((job) => this.couldUse(job, first(job)));
    this.keeper = oldest?.jobId ?? null;
    if (oldest !== undefined) this.keepFor(oldest, first(oldest));
  }

  /** What the job would get now with a machine there. Takes nothing. */
  choose(job: QueuedJob, machines: MachineFit): SeatChoice {
    const needs = this.needsOf(job, machines);
    if (needs.length === 0) return NOTHING;
    const chosen: SeatCount[] = [];
    // Those of a version first: their seats serve who does not care for the version, too.
    for (const need of needs.toSorted((one, other) => Number(other.includes(' ')) - Number(one.includes(' ')))) {
      if (chosen.some(({ pool }) => serves(pool, need))) continue;
      const found = this.find(need, job, machines);
      if ('reason' in found) return found;
      chosen.push(found);
    }
    const hosts = sharedHosts(chosen);
    if (hosts !== null && !hosts.some((host) => (machines.pool.readyOn?.get(host) ?? 0) > 0))
      return { reason: { kind: 'no-machine-there', need: needs.join(', '), hosts } };
    return { pools: chosen.map(({ pool }) => pool.name), hosts };
  }

  /** Gives the job the seats that were chosen. */
  take(job: QueuedJob, { pools }: ChosenSeats): void {
    const kept = job.jobId === this.keeper ? new Set(this.kept.values()) : new Set<SeatCount>();
    for (const count of this.counts) {
      if (!pools.includes(count.pool.name)) continue;
      if (!kept.has(count)) count.take(job.projectId);
    }
  }

  /** What the job needs itself, what any job on that machine needs, and its compiler, where the installation has licences of such. */
  private needsOf({ seats }: QueuedJob, { pool: { licenses = [] }, toolchain }: MachineFit): readonly string[] {
    const compiler =
      toolchain === null ? [] : [licenseOf(toolchain)].filter((need) => this.counts.some(({ pool }) => pool.product === productOf(need)));
    return licenses.length + compiler.length === 0 ? seats.needs : [...new Set([...seats.needs, ...licenses, ...compiler])];
  }

  /** Whether only seats are missing: a machine is ready for it, and all that it needs has seats that some day are free. For any other job kept seats would only be idle. */
  private couldUse(job: QueuedJob, machines: MachineFit | undefined): boolean {
    if (machines === undefined || machines.pool.ready === 0 || machines.pool.busy >= machines.pool.limit) return false;
    const needs = this.needsOf(job, machines);
    return needs.length > 0 && needs.every((need) => this.hasSeats(need, job, machines));
  }

  private hasSeats(need: string, job: QueuedJob, machines: MachineFit): boolean {
    const suitable = this.suitable(need, job.seats, machines);
    return 'counts' in suitable && suitable.counts.some(({ pool }) => pool.seats > 0);
  }

  private keepFor(job: QueuedJob, machines: MachineFit | undefined): void {
    for (const need of machines === undefined ? [] : this.needsOf(job, machines)) {
      const found = machines === undefined ? null : this.find(need, job, machines);
      if (found === null || 'reason' in found) continue;
      // As if it had it: whatever is reserved for its project, or allowed to it, counts with it.
      found.take(job.projectId);
      this.kept.set(need, found);
    }
  }

  private find(need: string, job: QueuedJob, machines: MachineFit): SeatCount | { readonly reason: SeatReason } {
    const suitable = this.suitable(need, job.seats, machines);
    if ('reason' in suitable) return suitable;
    const kept = job.jobId === this.keeper ? this.kept.get(need) : undefined;
    const free = suitable.counts.filter((count) => count.hasFor(job.projectId));
    // One that is tied to hosts without a ready machine is of no use while another has a seat.
    const best = kept ?? free.find(({ pool }) => isReachable(pool, machines)) ?? free[0];
    return best ?? { reason: whyNone(need, suitable.counts, job.projectId) };
  }

  /** The licence pools that could give the job what it needs, if they had a seat. */
  private suitable(need: string, wanted: WantedSeats, machines: MachineFit): { readonly counts: SeatCount[] } | { readonly reason: SeatReason } {
    const all = this.counts.filter(({ pool }) => serves(pool, need));
    if (all.length === 0) return { reason: { kind: 'no-license', need, offers: [...new Set(this.counts.map(({ pool }) => pool.product))] } };
    const refusals = all.map(({ pool }) => refusedBy(pool.terms, wanted.project, wanted.trust));
    const allowed = all.filter((_, index) => refusals[index] === null);
    if (allowed.length === 0) return { reason: whyRefused(need, refusals) };
    const there = allowed.filter(({ pool }) => pool.images.length === 0 || pool.images.includes(machines.pool.image.image));
    if (there.length > 0) return { counts: there };
    return { reason: { kind: 'tied', need, ties: `image ${[...new Set(allowed.flatMap(({ pool }) => pool.images))].join(', ')}` } };
  }
}

/** Whether a machine is ready on one of the hosts that it is tied to, if it is to any. */
function isReachable({ hosts }: PlanLicense, { pool }: MachineFit): boolean {
  return hosts.length === 0 || hosts.some((host) => (pool.readyOn?.get(host) ?? 0) > 0);
}

function serves({ product, versions }: PlanLicense, need: string): boolean {
  const [wanted, version] = need.split(' ');
  return wanted === product && (version === undefined || versions === null || hasVersion(versions, version));
}

/** The hosts that all are tied to; null: none is tied to any. */
function sharedHosts(counts: readonly SeatCount[]): readonly string[] | null {
  const tied = counts.map(({ pool }) => pool.hosts).filter((hosts) => hosts.length > 0);
  return tied.length === 0 ? null : tied.reduce((shared, hosts) => shared.filter((host) => hosts.includes(host)));
}

function whyRefused(need: string, refusals: readonly (string | null)[]): SeatReason {
  if (refusals.includes('stranger')) return { kind: 'unlicensed', need, evenIfApproved: false };
  if (refusals.includes('approved')) return { kind: 'unlicensed', need, evenIfApproved: true };
  return { kind: 'not-licensed', need };
}

function whyNone(need: string, counts: readonly SeatCount[], projectId: number): SeatReason {
  const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0);
  if (counts.every((count) => count.isAtCap(projectId)))
    return { kind: 'seat-cap', need, most: sum(counts.map(({ pool }) => pool.mostPerProject ?? 0)) };
  const reserved = sum(counts.map((count) => count.keptFromOthersThan(projectId)));
  return { kind: 'no-seat', need, seats: sum(counts.map(({ pool }) => pool.seats)), reserved, outside: sum(counts.map(({ pool }) => pool.outside)) };
}

/** Of the reasons on several pools of machines the one that says most: what may yet come before what never will. */
export function bestReason(reasons: readonly SeatReason[]): SeatReason | undefined {
  return reasons.find(({ kind }) => !NEVER.has(kind)) ?? reasons[0];
}
