import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAtLeast, NO_DEMAND } from '../builds/isolation-demand.ts';
import type { Isolation } from '#plugins/api';
import { explain } from './explain.ts';
import { plan } from './plan.ts';
import { NO_SEATS } from './testing/licenses.ts';
import type { KeptPool, PlanPool, QueuedJob } from './plan-types.ts';
import { wantedMachines } from './wanted-machines.ts';

function pool(name: string, numbers: Partial<KeptPool> = {}, pythons: readonly string[] = ['3.11'], system = 'linux'): KeptPool {
  const interpreters = pythons.map((python) => ({ name: python, implementation: 'cpython', version: `${python}.5`, path: `/opt/${python}` }));
  const image = {
    image: `${name}-image`,
    system,
    architecture: 'x86_64',
    isolation: 'vm' as const,
    systemVersion: null,
    toolchains: [],
    isolationNote: 'a machine of its own',
    digest: null,
    interpreters,
  };
  return { name, image, limit: 5, busy: 0, ready: 0, creating: 0, wantedReady: 0, aged: 0, room: 100, ...numbers };
}

/** A pool with a ready machine that is kept apart so. */
function apart(name: string, isolation: Isolation): KeptPool {
  const made = pool(name, { ready: 1, room: 5 });
  return { ...made, image: { ...made.image, isolation } };
}

function job(jobId: number, projectId = 1, requirements: Partial<QueuedJob['requirements']> = {}, priority = 0): QueuedJob {
  return {
    jobId,
    projectId,
    order: jobId,
    priority,
    requirements: { system: 'linux', architecture: null, interpreter: '3.11', image: null, isolation: NO_DEMAND, ...requirements },
    seats: NO_SEATS,
  };
}

function assigned(queue: readonly QueuedJob[], pools: readonly PlanPool[], running: ReadonlyMap<number, number> = new Map()): [number, string][] {
  return plan({ queue, pools, running }).assignments.map((one) => [one.jobId, one.pool]);
}

function reasons(queue: readonly QueuedJob[], pools: readonly PlanPool[], running: ReadonlyMap<number, number> = new Map()): [number, string][] {
  return plan({ queue, pools, running }).waiting.map((one) => [one.jobId, explain(one.reason)]);
}

describe('plan', () => {
  it('gives machines in the order of the queue, those of higher priority first', () => {
    expect(assigned([job(3), job(1), job(2), job(4, 1, {}, 1)], [pool('local', { ready: 3 })])).toEqual([
      [4, 'local'],
      [1, 'local'],
      [2, 'local'],
    ]);
  });

  it('lets the project with the fewest running jobs go first', () => {
    const queue = [job(1, 1), job(2, 1), job(3, 1), job(4, 2), job(5, 3)];
    expect(assigned(queue, [pool('local', { ready: 3 })], new Map([[3, 1]])).map(([id]) => id)).toEqual([1, 4, 2]);
  });

  it('prefers pools as they are listed, and one with a machine to one without', () => {
    const queue = [job(1), job(2), job(3)];
    expect(assigned(queue, [pool('a', { ready: 1 }), pool('b'), pool('c', { ready: 9, limit: 1 })])).toEqual([
      [1, 'a'],
      [2, 'c'],
    ]);
  });

  it('passes by a job that cannot start', () => {
    const pools = [pool('linux', { ready: 1 }), pool('windows', { ready: 1 }, ['3.11'], 'windows')];
    expect(assigned([job(1), job(2), job(3, 1, { system: 'windows' })], pools)).toEqual([
      [1, 'linux'],
      [3, 'windows'],
    ]);
  });

  it.each([
    [{ interpreter: null }, 'old'],
    [{ interpreter: '3.11' }, 'new'],
    [{ interpreter: '3' }, 'new'],
    [{ interpreter: '2.7', image: 'old-image' }, 'old'],
    [{ interpreter: null, image: 'new' }, 'new'],
    [{ architecture: 'amd64', interpreter: '2.7' }, 'old'],
  ])('takes %j to a pool that fits', (requirements, name) => {
    const pools = [pool('old', { ready: 1 }, ['2.7', '3.6']), pool('new', { ready: 1 }, ['3.11'])];
    expect(assigned([job(1, 1, requirements)], pools)).toEqual([[1, name]]);
  });

  it.each([
    ['3.11', 'wide'],
    ['3.11-32', 'mixed'],
    ['3.9', 'narrow'],
    ['3.9-32', 'narrow'],
    ['3-32', 'mixed'],
  ])('takes a wish for %s to pool %s', (interpreter, name) => {
    const narrow = pool('narrow', { ready: 1 }, ['3.9']);
    const pools = [
      pool('wide', { ready: 1 }, ['3.11']),
      pool('mixed', { ready: 1 }, ['3.13', '3.11-32']),
      { ...narrow, image: { ...narrow.image, architecture: 'i686' } },
    ];
    expect(assigned([job(1, 1, { interpreter })], pools)).toEqual([[1, name]]);
  });

  it.each([
    ['none', ['local', 'jail', 'vms']],
    ['sandbox', ['jail', 'vms']],
    ['vm', ['vms']],
  ] as const)('takes a job that demands %s to none but the pools %j', (level, names) => {
    const pools = [apart('local', 'none'), apart('jail', 'sandbox'), apart('vms', 'vm')];
    const demand = { isolation: { level, by: 'project' } } as const;
    expect(
      assigned(
        [1, 2, 3, 4].map((id) => job(id, 1, demand)),
        pools,
      ).map(([, name]) => name),
    ).toEqual(names);
    const made = wantedMachines(
      pools.map((one) => ({ ...one, ready: 0 })),
      [job(1, 1, demand)],
    );
    expect([...made].filter(([, count]) => count > 0)).toEqual([[names[0], 1]]);
  });

  it.each([
    ['vm', 'pull-requests', 'kept apart as vm, which this installation demands of pull requests by people who are not trusted'],
    ['vm', 'installation', 'kept apart as vm, which this installation demands of every job'],
    ['vm', 'project', 'kept apart as vm, which its project demands'],
    ['vm', 'queued', 'kept apart as vm, which was demanded when it was queued'],
  ] as const)('says that no pool is kept apart well enough: %s by %s', (level, by, words) => {
    const pools = [apart('local', 'none'), apart('jail', 'sandbox'), pool('windows', {}, ['3.11'], 'windows')];
    expect(reasons([job(1, 1, { isolation: { level, by } })], pools)).toEqual([
      [1, `no machine here is ${words}: there is pool local: none, pool jail: sandbox`],
    ]);
  });

  it('says that there is no such machine at all where that is so, whatever is demanded', () => {
    const demand = { isolation: { level: 'vm', by: 'project' }, interpreter: '2.7' } as const;
    expect(reasons([job(1, 1, demand)], [apart('local', 'none')])[0]?.[1]).toMatch(/^no machine here has Python 2\.7 on linux: /);
  });

  it('settles a wish for an interpreter among the pools that are kept apart well enough', () => {
    const weak = { ...apart('weak', 'none'), image: { ...pool('weak', {}, ['3.13']).image, isolation: 'none' as const } };
    const demand = { isolation: { level: 'vm', by: 'project' }, interpreter: '3' } as const;
    expect(assigned([job(1, 1, demand)], [weak, apart('vms', 'vm')])).toEqual([[1, 'vms']]);
  });

  it('knows a 32-bit system by its other names', () => {
    const narrow = pool('narrow', { ready: 1 }, ['3.9']);
    const pools = [pool('wide', { ready: 1 }, ['3.9-32']), { ...narrow, image: { ...narrow.image, architecture: 'i686' } }];
    expect(assigned([job(1, 1, { interpreter: '3.9-32', architecture: 'i386' })], pools)).toEqual([[1, 'narrow']]);
  });

  it('says which interpreter the job gets', () => {
    const { assignments } = plan({ queue: [job(1, 1, { interpreter: '3.11.1' })], pools: [pool('local', { ready: 1 })], running: new Map() });
    expect(assignments[0]?.interpreter?.version).toBe('3.11.5');
    expect(assignments[0]?.note).toContain('3.11.1');
  });

  it.each([
    [job(1), [pool('local', { busy: 5, ready: 1 })], 'waits for a machine: pool local has 5 of 5 running'],
    [job(1), [pool('a', { busy: 5 }), pool('b')], 'waits for a machine: pool b is getting one ready'],
    [job(1), [], 'no machine here has Python 3.11 on linux: there is no pool at all'],
    [
      job(1, 1, { interpreter: '3.4', architecture: 'aarch64', image: 'big' }),
      [pool('a', {}, ['2.7', '3.6']), pool('b', {}, [])],
      'no machine here has Python 3.4 on image big on linux aarch64: there is ' +
        'pool a: linux x86_64, image a-image, with 2.7, 3.6; pool b: linux x86_64, image b-image, with no interpreter',
    ],
  ])('says why a job waits (%#)', (queued, pools, words) => {
    expect(reasons([queued], pools)).toEqual([[1, words]]);
  });

  it('tells the jobs for which a machine is coming from those that it is not for', () => {
    expect(reasons([job(1), job(2), job(3)], [pool('local', { limit: 3, busy: 1 })])).toEqual([
      [1, 'waits for a machine: pool local is getting one ready'],
      [2, 'waits for a machine: pool local is getting one ready'],
      [3, 'waits for a machine: pool local has 1 of 3 running, and the machines it is getting ready are for earlier jobs'],
    ]);
  });

  it('says so when others have fewer running', () => {
    const full = [pool('local', { limit: 4, busy: 4 })];
    const words = 'waits for its share: its project has 3 running already, and 1 project with fewer goes first in pool local';
    const other = 'waits for a machine: pool local has 4 of 4 running';
    expect(
      reasons(
        [job(1, 1), job(2, 2)],
        full,
        new Map([
          [1, 3],
          [2, 1],
        ]),
      ),
    ).toEqual([
      [2, other],
      [1, words],
    ]);
  });
});

const SYSTEMS = ['linux', 'windows'];
const ISOLATIONS: readonly Isolation[] = ['vm', 'sandbox', 'none'];
const PYTHONS = ['2.7', '3.6', '3.11'];
const requirements = fc.record({
  system: fc.constantFrom(...SYSTEMS),
  architecture: fc.constantFrom(null, 'x86_64', 'aarch64'),
  interpreter: fc.constantFrom(null, '3', ...PYTHONS),
  image: fc.constantFrom(null, 'p0-image', 'p1'),
  isolation: fc.record({ level: fc.constantFrom(...ISOLATIONS), by: fc.constant('project' as const) }),
});
const queues = fc
  .array(fc.tuple(fc.integer({ min: 1, max: 5 }), requirements, fc.integer({ min: 0, max: 1 })), { maxLength: 60 })
  .map((rows) => rows.map(([projectId, wanted, priority], index) => job(index + 1, projectId, wanted, priority)));
const pools = fc
  .array(
    fc.tuple(
      fc.nat({ max: 8 }),
      fc.nat({ max: 8 }),
      fc.nat({ max: 8 }),
      fc.nat({ max: 4 }),
      fc.nat({ max: 4 }),
      fc.subarray(PYTHONS),
      fc.constantFrom(...SYSTEMS),
      fc.constantFrom(...ISOLATIONS),
    ),
    { maxLength: 4 },
  )
  .map((rows) =>
    rows.map(([limit, busy, ready, creating, wantedReady, pythons, system, isolation], index) => {
      const made = pool(`p${index}`, { limit, busy, ready, creating, wantedReady }, pythons, system);
      return { ...made, image: { ...made.image, isolation } };
    }),
  );
const running = fc.array(fc.nat({ max: 4 }), { maxLength: 5 }).map((counts) => new Map(counts.map((count, index) => [index + 1, count])));

describe('plan, whatever comes', () => {
  it('never gives more than there is, and leaves nobody without an answer', () => {
    fc.assert(
      fc.property(queues, pools, running, (queue, available, already) => {
        const { assignments, waiting } = plan({ queue, pools: available, running: already });
        for (const { name, limit, busy, ready } of available) {
          const given = assignments.filter((one) => one.pool === name).length;
          expect(given).toBeLessThanOrEqual(Math.max(0, Math.min(ready, limit - busy)));
        }
        const answered = [...assignments, ...waiting].map((one) => one.jobId);
        expect(answered.toSorted((a, b) => a - b)).toEqual(queue.map((one) => one.jobId));
        for (const { reason } of waiting) expect(explain(reason)).not.toBe('');
      }),
    );
  });

  it('runs nothing on a machine that is kept apart less well than is demanded, nor makes one for it', () => {
    fc.assert(
      fc.property(queues, pools, (queue, available) => {
        const isolationOf = new Map(available.map((one) => [one.name, one.image.isolation]));
        for (const one of assigned(queue, available)) {
          const demand = queue.find((job) => job.jobId === one[0])?.requirements.isolation.level ?? 'vm';
          expect(isAtLeast(isolationOf.get(one[1]) ?? 'none', demand)).toBe(true);
        }
        const strict = queue.map((job) => ({ ...job, requirements: { ...job.requirements, isolation: { level: 'vm', by: 'project' } as const } }));
        const idle = available.map((one) => ({ ...one, wantedReady: 0 }));
        for (const [name, count] of wantedMachines(idle, strict)) expect(count === 0 || isolationOf.get(name) === 'vm').toBe(true);
      }),
    );
  });

  it('leaves no machine idle that a waiting job could use', () => {
    fc.assert(
      fc.property(queues, pools, running, (queue, available, already) => {
        const { assignments, waiting } = plan({ queue, pools: available, running: already });
        const left = available.map((one) => {
          const given = assignments.filter((assignment) => assignment.pool === one.name).length;
          return { ...one, busy: one.busy + given, ready: one.ready - given };
        });
        const still = queue.filter((one) =>
          waiting.some((entry) => entry.jobId === one.jobId && !['no-image', 'too-weak'].includes(entry.reason.kind)),
        );
        expect(plan({ queue: still, pools: left, running: already }).assignments).toEqual([]);
      }),
    );
  });

  it('depends on nothing but the queue, not on how it is listed', () => {
    fc.assert(
      fc.property(queues, pools, running, (queue, available, already) => {
        expect(plan({ queue: queue.toReversed(), pools: available, running: already })).toEqual(plan({ queue, pools: available, running: already }));
      }),
    );
  });

  it('gives projects that want the same the same, to within one machine', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 60 }), fc.boolean(), (projects, machines, mixed) => {
        // Every project has more jobs than there are machines, and either all before those of the next project, or in turns.
        const each = machines + 1;
        const list = Array.from({ length: projects * each }, (_, index) => job(index + 1, 1 + (mixed ? index % projects : Math.floor(index / each))));
        const projectOf = new Map(list.map((one) => [one.jobId, one.projectId]));
        const counts = Array.from({ length: projects }, () => 0);
        for (const [id] of assigned(list, [pool('local', { limit: machines, ready: machines })])) {
          const index = (projectOf.get(id) ?? 0) - 1;
          counts[index] = (counts[index] ?? 0) + 1;
        }
        expect(Math.min(...counts)).toBe(Math.floor(machines / projects));
        expect(Math.max(...counts)).toBe(Math.ceil(machines / projects));
      }),
    );
  });

  it('brings every job to its turn, though others never stop asking', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 6 }), fc.nat({ max: 10 }), (limit, others, older) => {
        const queue = Array.from({ length: older }, (_, index) => job(index + 1, 2 + (index % others)));
        const late = job(older + 1, 1);
        queue.push(late);
        const busy: QueuedJob[] = [];
        // Each round every other project asks for one more, and the machine that is busy the longest gets free.
        for (let round = 0; round <= older && !busy.includes(late); round += 1) {
          for (let other = 0; other < others; other += 1) queue.push(job(100 + round * others + other, 2 + other));
          if (busy.length === limit) busy.shift();
          startJobs(queue, busy, limit);
        }
        expect(busy).toContain(late);
      }),
    );
  });
});

/** Moves the jobs that a plan starts from `queue` to `busy`. */
function startJobs(queue: QueuedJob[], busy: QueuedJob[], limit: number): void {
  const counts = new Map<number, number>();
  for (const { projectId } of busy) counts.set(projectId, (counts.get(projectId) ?? 0) + 1);
  const local = pool('local', { limit, busy: busy.length, ready: limit - busy.length });
  for (const [id] of assigned(queue, [local], counts))
    busy.push(
      ...queue.splice(
        queue.findIndex((one) => one.jobId === id),
        1,
      ),
    );
}

describe('wantedMachines', () => {
  it.each([
    ['for waiting jobs', pool('p', {}), 3, 3],
    ['no more than may run', pool('p', { busy: 3 }), 9, 2],
    ['besides those kept ready', pool('p', { wantedReady: 2 }), 1, 3],
    ['less those there and on their way', pool('p', { wantedReady: 2, ready: 1, creating: 1 }), 2, 2],
    ['none where there are too many', pool('p', { ready: 4 }), 1, 0],
    ['to keep ready, though all are busy', pool('p', { busy: 5, wantedReady: 2 }), 4, 2],
    ['in place of those that have waited too long', pool('p', { wantedReady: 2, ready: 2, aged: 1 }), 0, 1],
    ['no more than there is room for', pool('p', { wantedReady: 2, room: 1 }), 3, 1],
    ['none where there is no room', pool('p', { wantedReady: 2, ready: 2, aged: 2, room: 0 }), 0, 0],
  ])('makes machines %s', (_, one, jobs, wanted) => {
    const queue = Array.from({ length: jobs }, (_unused, index) => job(index + 1));
    expect(wantedMachines([one], queue)).toEqual(new Map([['p', wanted]]));
  });

  it('goes on to the next pool that fits when one is full', () => {
    const queue = Array.from({ length: 6 }, (_, index) => job(index + 1));
    expect(wantedMachines([pool('a', { limit: 2 }), pool('w', {}, [], 'windows'), pool('b')], queue)).toEqual(
      new Map([
        ['a', 2],
        ['w', 0],
        ['b', 4],
      ]),
    );
  });

  it('never exceeds what may run and what is kept ready', () => {
    fc.assert(
      fc.property(queues, pools, (queue, available) => {
        const wanted = wantedMachines(available, queue);
        for (const { name, limit, busy, ready, creating, wantedReady } of available) {
          const create = wanted.get(name) ?? 0;
          const most = Math.max(limit, busy) + wantedReady;
          expect(create === 0 || busy + ready + creating + create <= most).toBe(true);
        }
      }),
    );
  });
});
