import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import { type FakeAbility, FakeRunner, FakeRunnerController } from '#plugins/api/testing';
import type { TestDatabase } from '../../../../test/support/database.ts';
import { DomainEvents } from '../../common/domain-events.ts';
import type { PoolConfig } from '../../config/index.ts';
import { Registry } from '../../plugins/index.ts';
import { MachinePools } from '../machine-pools.ts';

/** A pool of fake machines, for tests. */
export const POOL: PoolConfig = {
  name: 'pool',
  runner: 'lab',
  image: 'fake',
  jobs: 10,
  ready: 2,
  machines: 12,
  maxReadyMinutes: 60,
  idleMinutes: 5,
  allow: [],
  licenses: [],
  cache: true,
  resources: null,
};

/** Looks again and again until it does not throw any more; the busier the computer, the longer that takes. */
export async function eventually<Result>(look: () => Result | Promise<Result>): Promise<Result> {
  return await vi.waitFor(look, 20_000);
}

/** The pools of one server process, over fake machines. */
export class TestPools {
  readonly owner = randomUUID();
  readonly events = new DomainEvents();
  readonly driver: FakeRunner;
  readonly pools: MachinePools;

  constructor(
    database: TestDatabase,
    readonly controller = new FakeRunnerController(),
    abilities: readonly FakeAbility[] = [],
  ) {
    this.driver = new FakeRunner(controller, abilities);
    const registry = new Registry();
    registry.add('runner', { name: 'lab', plugin: 'fake', extension: this.driver });
    this.pools = new MachinePools({ database, events: this.events, registry, logger: database.logger, owner: this.owner, machineDays: 14 });
  }

  async open(changed: Partial<PoolConfig> = {}): Promise<void> {
    await this.pools.open([{ ...POOL, ...changed }], AbortSignal.timeout(10_000));
  }

  /** Makes more machines, and waits until so many are ready. Their ids, the oldest first. */
  async make(count: number): Promise<string[]> {
    const wanted = this.pools.readyMachines('pool').length + count;
    this.pools.make(new Map([['pool', count]]));
    await eventually(() => {
      if (this.ready().length !== wanted) throw new Error(`${this.ready().length} machines are ready, not ${wanted}`);
    });
    return this.ready();
  }

  ready(): string[] {
    return this.pools.readyMachines('pool').map((machine) => machine.id);
  }

  /** Lets the reaper begin a round now. */
  round(): void {
    this.pools.pause();
    this.pools.resume();
  }

  async close(): Promise<void> {
    await this.pools.stop();
    await this.controller.close();
  }
}
