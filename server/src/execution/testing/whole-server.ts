import { randomUUID } from 'node:crypto';
import type { Database } from '../../database/index.ts';
import { Builds } from '../../builds/builds.service.ts';
import type { IsolationRules } from '../../builds/isolation-demand.ts';
import { LAX } from '../../builds/testing/rows.ts';
import { DomainEvents } from '../../common/domain-events.ts';
import { Neighbours } from '../../database/neighbours.ts';
import type { LogStore } from '../../logs/index.ts';
import { MachinePools } from '../../machines/machine-pools.ts';
import type { Registry } from '../../plugins/index.ts';
import { SecretBox } from '../../projects/secret-box.ts';
import { Sources } from '../../projects/sources.ts';
import { InterpreterCache } from '../../forks/interpreter-cache.ts';
import { providerOf } from './provider.ts';
import { Scheduler } from '../../scheduling/scheduler.ts';
import { Executor } from '../executor.ts';
import { InlinePlanner } from '../../planning/planner.ts';

/** One job at a time, on a machine of the runner `lab` that is made when it is wanted. */
const POOL = {
  name: 'pool',
  runner: 'lab',
  image: 'scripted',
  jobs: 1,
  ready: 0,
  machines: 2,
  maxReadyMinutes: 60,
  idleMinutes: 5,
  allow: [],
  licenses: [],
  cache: true,
  resources: null,
};
const LIMITS = { timeSeconds: 60, silenceSeconds: 60, outputBytes: 1_000_000 };

/** What a server has by which jobs begin and end, put together and at work. */
export interface WholeServer {
  readonly builds: Builds;
  /** As a server that is stopped: what runs goes on in its machine. */
  readonly stop: () => Promise<void>;
}

/** Starts one. `folder` takes its key. */
export async function startServer(
  parts: { readonly database: Database; readonly registry: Registry; readonly logs: LogStore; readonly folder: string },
  isolation: IsolationRules = LAX,
): Promise<WholeServer> {
  const { database, registry, logs, folder } = parts;
  const { logger } = database;
  const owner = randomUUID();
  const events = new DomainEvents();
  const pools = new MachinePools({ database, events, registry, logger, owner, machineDays: 14 });
  await pools.open([POOL], AbortSignal.timeout(10_000));
  const box = await SecretBox.open(folder);
  const sources = new Sources(database, registry, box);
  const provider = providerOf(database.pool, box, folder);
  const executor = new Executor({
    database,
    events,
    pools,
    sources,
    provider,
    interpreters: new InterpreterCache(database.pool, folder),
    planner: new InlinePlanner([]),
    logs,
    limits: LIMITS,
    isolation,
    logger,
    owner,
  });
  const scheduler = new Scheduler({ database, events, pools, executor, isolation, logger, owner });
  await pools.lead();
  await executor.adopt();
  scheduler.start();
  const stop = async (): Promise<void> => {
    await scheduler.stop();
    await executor.stop();
    await pools.stop();
  };
  return { builds: new Builds(database, events, new Neighbours(database, events, owner)), stop };
}
