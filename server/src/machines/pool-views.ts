import type { MachineView, PoolView } from '#server/api';
import type { MachinePool } from './machine-pool.ts';
import type { Machine } from './machine.ts';

/** How long the last view of a machine that is gone can still be had: whoever gathers events asks within this. Milliseconds. */
const KEPT_MS = 10_000;

/** The last views of machines that have just gone: clients are told of their end, too. */
export class DepartedMachines {
  private readonly views = new Map<string, { readonly view: MachineView; readonly until: number }>();

  add(view: MachineView): void {
    this.sweep();
    this.views.set(view.id, { view, until: Date.now() + KEPT_MS });
  }

  get(id: string): MachineView | null {
    return this.views.get(id)?.view ?? null;
  }

  /** They are in the order of their ends, so it stops at the first that is young. */
  private sweep(): void {
    for (const [id, { until }] of this.views) {
      if (until > Date.now()) return;
      this.views.delete(id);
    }
  }
}

/** Of a pool that never had an image, what it will be like is not known: then it promises nothing. */
const UNKNOWN = { isolation: 'none', isolationNote: 'Not known before there is an image.', system: 'unknown', architecture: 'unknown' } as const;

/** A pool, given how many jobs wait for its machines. */
export function poolView(pool: MachinePool, waiting: number): PoolView {
  const { name, runner, image, jobs, ready, allow } = pool.settings;
  const { isolation, isolationNote, system, architecture } = pool.image ?? UNKNOWN;
  return {
    name,
    driver: runner,
    image,
    imageDigest: pool.image?.digest ?? null,
    isolation,
    isolationNote,
    system,
    architecture,
    systemVersion: pool.image?.systemVersion ?? null,
    toolchains: (pool.image?.toolchains ?? []).map(({ product }) => product),
    interpreters: (pool.image?.interpreters ?? []).map((interpreter) => ({ name: interpreter.name, version: interpreter.version })),
    ready: pool.ready().length,
    wantedReady: ready,
    busy: pool.count('assigned'),
    creating: pool.count('creating'),
    waiting,
    limit: jobs,
    allow: pool.driver.fulfils?.includes('allow') === true ? [...allow] : null,
    problem: pool.problem,
  };
}

/** A machine without its job, which `MachineViews` adds. */
export function machineView(machine: Machine, pool: MachinePool): MachineView {
  return {
    id: machine.id,
    pool: machine.pool,
    image: pool.settings.image,
    imageDigest: machine.origin.digest,
    host: machine.origin.host,
    state: machine.state,
    job: null,
    reason: machine.reason,
    createdAt: machine.createdAt.toISOString(),
    since: machine.since.toISOString(),
  };
}
