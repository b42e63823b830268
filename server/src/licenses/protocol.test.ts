import { expect, test } from 'vitest';

/*
 * The protocol of leases as a model, every state of which is visited: three jobs, two products of one seat each, two servers. A step is what one transaction does, so a server may
 * die between any two. A plan is what a server has seen some steps ago.
 */

/** Which seats each job needs, by product. */
const NEEDS = [[0], [0, 1], [1]] as const;
const PRODUCTS = [0, 1] as const;
const SERVERS = [0, 1] as const;

interface Job {
  /** `owner`: the server that runs it. `again`: how often its machine may be lost. */
  readonly state: 'queued' | 'running' | 'ended';
  readonly owner: number | null;
  readonly again: number;
}

interface State {
  readonly jobs: readonly Job[];
  /** Seats there are, and those in quarantine, by product. */
  readonly seats: readonly number[];
  readonly quarantined: readonly number[];
  /** Which job each server is about to begin. */
  readonly plans: readonly (number | 'nothing' | 'dead')[];
}

const START: State = {
  jobs: NEEDS.map(() => ({ state: 'queued', owner: null, again: 1 })),
  seats: [1, 1],
  quarantined: [0, 0],
  plans: ['nothing', 'nothing'],
};

/** How a server begins a job: with all seats counted once more, or, so that the model can be seen to find it, by its plan alone. */
type Begin = (state: State, job: number) => boolean;

function isFree(state: State, product: number): boolean {
  const held = state.jobs.filter((job, index) => job.state === 'running' && NEEDS[index]?.some((one) => one === product)).length;
  return held + (state.quarantined[product] ?? 0) < (state.seats[product] ?? 0);
}

const counted: Begin = (state, job) => state.jobs[job]?.state === 'queued' && (NEEDS[job] ?? []).every((product) => isFree(state, product));
const byPlanAlone: Begin = (state, job) => state.jobs[job]?.state === 'queued';

function withJob(state: State, index: number, changed: Partial<Job>): State {
  return { ...state, jobs: state.jobs.map((job, at) => (at === index ? { ...job, ...changed } : job)) };
}

function withPlan(state: State, server: number, plan: State['plans'][number]): State {
  return { ...state, plans: state.plans.map((one, at) => (at === server ? plan : one)) };
}

function change(numbers: readonly number[], products: readonly number[], by: number): number[] {
  return numbers.map((number, product) => (products.includes(product) ? number + by : number));
}

/** All that can happen next. */
function* steps(state: State, begin: Begin): Generator<{ readonly next: State; readonly began?: number }> {
  for (const server of SERVERS) {
    const plan = state.plans[server];
    if (plan === 'dead') {
      yield { next: withPlan(state, server, 'nothing') };
      continue;
    }
    yield { next: withPlan(state, server, 'dead') };
    if (plan === 'nothing') for (const [job] of NEEDS.entries()) if (counted(state, job)) yield { next: withPlan(state, server, job) };
    if (typeof plan === 'number') {
      const idle = withPlan(state, server, 'nothing');
      yield begin(state, plan) ? { next: withJob(idle, plan, { state: 'running', owner: server }), began: plan } : { next: idle };
    }
    yield* endings(state, server);
  }
  for (const product of PRODUCTS) {
    if ((state.quarantined[product] ?? 0) > 0) yield { next: { ...state, quarantined: change(state.quarantined, [product], -1) } };
    yield { next: { ...state, seats: change(state.seats, [product], state.seats[product] === 0 ? 1 : -1) } };
  }
}

/** What becomes of the jobs of a server, which may be taken over from one that is dead. */
function* endings(state: State, server: number): Generator<{ readonly next: State }> {
  for (const [index, job] of state.jobs.entries()) {
    if (job.state !== 'running') continue;
    if (job.owner !== server) {
      if (state.plans[job.owner ?? 0] === 'dead') yield { next: withJob(state, index, { owner: server }) };
      continue;
    }
    yield { next: withJob(state, index, { state: 'ended', owner: null }) };
    const lost = { ...state, quarantined: change(state.quarantined, NEEDS[index] ?? [], 1) };
    if (job.again > 0) yield { next: withJob(lost, index, { state: 'queued', owner: null, again: job.again - 1 }) };
    else yield { next: withJob(lost, index, { state: 'ended', owner: null }) };
  }
}

interface Explored {
  readonly states: number;
  /** Beginnings that took a seat there was not. */
  readonly overcommitted: number;
  /** States from which not all jobs can come to their end any more, or not all seats be free. */
  readonly stuck: number;
}

function explore(begin: Begin): Explored {
  const ids = new Map<string, number>();
  const queue: State[] = [];
  const before: number[][] = [];
  const good: number[] = [];
  let overcommitted = 0;
  const idOf = (state: State): number => {
    const key = JSON.stringify(state);
    const known = ids.get(key);
    if (known !== undefined) return known;
    ids.set(key, queue.push(state) - 1);
    before.push([]);
    return queue.length - 1;
  };
  idOf(START);
  for (let at = 0; at < queue.length; at += 1) {
    const state = queue[at] ?? START;
    if (state.jobs.every((job) => job.state === 'ended') && state.quarantined.every((number) => number === 0)) good.push(at);
    for (const { next, began } of steps(state, begin)) {
      if (began !== undefined && (NEEDS[began] ?? []).some((product) => !isFree(state, product))) overcommitted += 1;
      before[idOf(next)]?.push(at);
    }
  }
  return { states: queue.length, overcommitted, stuck: queue.length - reached(good, before) };
}

/** From how many states one of the good ones can be reached. */
function reached(good: readonly number[], before: readonly (readonly number[])[]): number {
  const found = new Set(good);
  for (const state of found) for (const one of before[state] ?? []) found.add(one);
  return found.size;
}

test('in no state of the protocol are more seats taken than there are, and none is left for ever', () => {
  const explored = explore(counted);
  expect(explored).toMatchObject({ overcommitted: 0, stuck: 0 });
  expect(explored.states).toBeGreaterThan(10_000);
});

test('a server that went by its plan alone would be found out', () => {
  expect(explore(byPlanAlone).overcommitted).toBeGreaterThan(0);
});
