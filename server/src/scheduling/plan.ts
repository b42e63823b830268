import { NO_DEMAND } from '../builds/isolation-demand.ts';
import { fitter } from './fitting-pools.ts';
import type { Fit } from './fitting-pools.ts';
import type { Assignment, PlanInput, PlanPool, PlanResult, QueuedJob, Waiting, WaitReason, Wanted } from './plan-types.ts';
import { bestReason, type ChosenSeats, Seats } from './seats.ts';
import { takeTurns } from './turns.ts';

/** What is left of a pool while the plan is made. */
interface PoolState {
  readonly pool: PlanPool;
  /** Jobs that run, those of this plan included. */
  running: number;
  /** Ready machines that no job has yet. */
  ready: number;
  /** Of those the ones on each host, as far as known. */
  readonly readyOn: Map<string, number>;
  /** Waiting jobs for which there will be a machine. */
  coming: number;
  /** The projects of the jobs that wait for this pool. */
  readonly waiting: Set<number>;
  /** By a number of running jobs: how many of those projects have fewer. Filled as it is asked for. */
  readonly fewer: Map<number, number>;
}

/** A job that may run on some of the pools, but not now. */
interface Later {
  readonly job: QueuedJob;
  readonly state: PoolState;
  /** There is room for it, only no machine yet. */
  readonly starting: boolean;
}

/**
 * Which job gets a machine of which pool now, and why every other one does not.
 *
 * Pure: the same input gives the same plan. Projects share the machines: the one with the fewest running jobs goes first, and within a project
 * the queue's order holds. A job that cannot start holds up nobody: the next takes its turn. No pool runs more than its limit. Takes
 * O(n log n) for n jobs.
 */
export function plan(input: PlanInput): PlanResult {
  const planner = new Planner(input);
  return planner.run();
}

class Planner {
  private readonly input: PlanInput;
  private readonly states: ReadonlyMap<PlanPool, PoolState>;
  private readonly fits: (wanted: Wanted) => readonly Fit<PlanPool>[];
  private readonly offers: readonly string[];
  private readonly seats: Seats;
  private readonly assignments: Assignment[] = [];
  private readonly waiting: (Waiting | Later)[] = [];

  constructor(input: PlanInput) {
    this.input = input;
    this.states = new Map(input.pools.map((pool) => [pool, stateOf(pool)]));
    this.fits = fitter(input.pools);
    this.offers = input.pools.map(describeOffer);
    this.seats = new Seats(input.licenses ?? [], input.queue, (job) => this.fits(job.requirements)[0]);
  }

  run(): PlanResult {
    const running = takeTurns(this.input.queue, this.input.running, (job) => this.turn(job));
    const waiting = this.waiting.map((entry) => ('reason' in entry ? entry : { jobId: entry.job.jobId, reason: reasonFor(entry, running) }));
    return { assignments: this.assignments, waiting };
  }

  /** Gives the job a machine if it can; says whether it did. */
  private turn(job: QueuedJob): boolean {
    const fits = this.fits(job.requirements);
    if (fits.length === 0) {
      this.waiting.push({ jobId: job.jobId, reason: this.whyNever(job.requirements) });
      return false;
    }
    const options = fits.map((fit) => ({ fit, seats: this.seats.choose(job, fit) }));
    const possible = options.flatMap(({ fit, seats }) => ('reason' in seats ? [] : [{ fit, seats }]));
    if (possible.length > 0) return this.begin(job, possible);
    const reason = bestReason(options.flatMap(({ seats }) => ('reason' in seats ? [seats.reason] : [])));
    if (reason !== undefined) this.waiting.push({ jobId: job.jobId, reason });
    return false;
  }

  /** Seats are taken with the machine: a job that waits for one holds none. */
  private begin(job: QueuedJob, options: readonly { readonly fit: Fit<PlanPool>; readonly seats: ChosenSeats }[]): boolean {
    const now = options.find(({ fit, seats }) => this.takeMachine(fit.pool, seats.hosts));
    if (now === undefined) {
      this.wait(
        job,
        options.map(({ fit }) => fit),
      );
      return false;
    }
    const { fit, seats } = now;
    this.seats.take(job, seats);
    const { interpreter = null, note = null } = fit.match ?? {};
    this.assignments.push({ jobId: job.jobId, pool: fit.pool.name, interpreter, note, licenses: seats.pools, hosts: seats.hosts });
    return true;
  }

  private whyNever(wanted: Wanted): WaitReason {
    const weaker = this.fits({ ...wanted, isolation: NO_DEMAND });
    if (weaker.length === 0) return { kind: 'no-image', wanted, offers: this.offers };
    const pools = weaker.map(({ pool: { name, image } }) => ({ name, isolation: image.isolation }));
    return { kind: 'too-weak', demand: wanted.isolation, pools };
  }

  private takeMachine(pool: PlanPool, hosts: readonly string[] | null): boolean {
    const state = this.states.get(pool);
    if (state === undefined || state.ready === 0 || state.running >= pool.limit) return false;
    // Whoever may have any leaves those on named hosts for as long as there are others.
    const host = hosts === null ? spareHost(state) : hosts.find((name) => (state.readyOn.get(name) ?? 0) > 0);
    if (hosts !== null && host === undefined) return false;
    if (host !== undefined) state.readyOn.set(host, (state.readyOn.get(host) ?? 0) - 1);
    state.ready -= 1;
    state.running += 1;
    return true;
  }

  /** Lines the job up where there will be room soonest: with a pool that may run more, or else with the first. */
  private wait(job: QueuedJob, fits: readonly Fit<PlanPool>[]): void {
    const states = fits.flatMap(({ pool }) => this.states.get(pool) ?? []);
    const open = states.find((state) => state.running + state.coming < state.pool.limit);
    const state = open ?? states[0];
    if (state === undefined) return;
    if (open !== undefined) open.coming += 1;
    state.waiting.add(job.projectId);
    this.waiting.push({ job, state, starting: open !== undefined });
  }
}

function reasonFor({ job, state, starting }: Later, running: ReadonlyMap<number, number>): WaitReason {
  const pool = state.pool.name;
  if (starting) return { kind: 'machine-starting', pool };
  const own = running.get(job.projectId) ?? 0;
  const projects = projectsWithFewer(state, own, running);
  if (projects > 0) return { kind: 'share', pool, running: own, projects };
  return { kind: 'pool-full', pool, running: state.running, limit: state.pool.limit };
}

function projectsWithFewer(state: PoolState, own: number, running: ReadonlyMap<number, number>): number {
  const known = state.fewer.get(own) ?? [...state.waiting].filter((id) => (running.get(id) ?? 0) < own).length;
  state.fewer.set(own, known);
  return known;
}

function stateOf(pool: PlanPool): PoolState {
  return { pool, running: pool.busy, ready: pool.ready, readyOn: new Map(pool.readyOn), coming: 0, waiting: new Set(), fewer: new Map() };
}

/** Whoever may be anywhere gets a machine of which no host is known, or else one on the host with the most. Called before `ready` counts it. */
function spareHost({ readyOn, ready }: PoolState): string | undefined {
  const known = [...readyOn.values()].reduce((sum, count) => sum + count, 0);
  if (ready > known) return undefined;
  return [...readyOn].toSorted(([, one], [, other]) => other - one).find(([, count]) => count > 0)?.[0];
}

function describeOffer({ name, image }: PlanPool): string {
  // Revisions and branches of forks would be a long list: their plain names say enough.
  const names = image.interpreters.map((interpreter) => interpreter.name).filter((one) => !one.includes('@'));
  const interpreters = names.join(', ');
  return `pool ${name}: ${image.system} ${image.architecture}, image ${image.image}, with ${[interpreters === '' ? 'no interpreter' : interpreters, ...image.toolchains.map(({ name, version }) => `${name} ${version}`)].join(', ')}`;
}
