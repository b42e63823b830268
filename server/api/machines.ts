import { z } from 'zod';
import { MachineState } from './states.ts';
import { IsolationLevel } from './views.ts';

const Id = z.number().int().positive();
const Moment = z.iso.datetime();

export const MachineView = z.object({
  id: z.string(),
  pool: z.string(),
  image: z.string(),
  imageDigest: z.string().nullable(),
  host: z.string().nullable(),
  state: MachineState,
  job: z.object({ id: Id, name: z.string(), buildId: Id }).nullable(),
  reason: z.string().nullable(),
  createdAt: Moment,
  /** When it entered its state. */
  since: Moment,
});
export type MachineView = z.infer<typeof MachineView>;

export const PoolView = z.object({
  name: z.string(),
  driver: z.string(),
  image: z.string(),
  imageDigest: z.string().nullable(),
  isolation: IsolationLevel,
  isolationNote: z.string(),
  system: z.string(),
  architecture: z.string(),
  /** Which release of the system, as it says itself; null where nobody has asked it. */
  systemVersion: z.string().nullable(),
  interpreters: z.array(z.object({ name: z.string(), version: z.string() })),
  /** Compilers, as people call them. */
  toolchains: z.array(z.string()),
  ready: z.number().int(),
  wantedReady: z.number().int(),
  busy: z.number().int(),
  creating: z.number().int(),
  /** Jobs that wait for a machine, and that it could run. */
  waiting: z.number().int(),
  limit: z.number().int(),
  /** What its machines may reach, `HOST:PORT`; null where its driver does not close their network by such rules. */
  allow: z.array(z.string()).nullable(),
  /** What keeps it from having what it wants, in words. */
  problem: z.string().nullable(),
});
export type PoolView = z.infer<typeof PoolView>;

/** A host that a runner puts machines on. */
export const HostView = z.object({
  name: z.string(),
  /** The runner's instance. */
  driver: z.string(),
  state: z.enum(['up', 'drained']),
  problem: z.string().nullable(),
  machines: z.number().int(),
  limit: z.number().int(),
  accelerator: z.string().nullable(),
});
export type HostView = z.infer<typeof HostView>;

export const MachinesView = z.object({ pools: z.array(PoolView), machines: z.array(MachineView), hosts: z.array(HostView) });
export type MachinesView = z.infer<typeof MachinesView>;

/** How a pool stood at a moment. `waiting`: jobs that waited for a machine of it. */
export const PoolSample = z.object({
  at: Moment,
  ready: z.number().int(),
  creating: z.number().int(),
  busy: z.number().int(),
  waiting: z.number().int(),
});
export type PoolSample = z.infer<typeof PoolSample>;

/** A pool over time, oldest first; samples are a minute apart, fewer where much time was asked for. */
export const PoolHistory = z.object({ pool: z.string(), samples: z.array(PoolSample) });
export type PoolHistory = z.infer<typeof PoolHistory>;

/** A machine's life. Null where it never came to that. */
export const MachineLife = z.object({
  id: z.string(),
  pool: z.string(),
  image: z.string(),
  imageDigest: z.string().nullable(),
  host: z.string().nullable(),
  createdAt: Moment,
  readyAt: Moment.nullable(),
  assignedAt: Moment.nullable(),
  /** When its job was over. */
  releasedAt: Moment.nullable(),
  /** Null while it lives. */
  goneAt: Moment.nullable(),
  job: z.object({ id: Id, name: z.string(), buildId: Id }).nullable(),
  /** Why it was destroyed, where that was not its job's end. */
  reason: z.string().nullable(),
});
export type MachineLife = z.infer<typeof MachineLife>;

/** An image that a runner keeps on this server. */
export const ImageView = z.object({
  name: z.string(),
  /** The runner's instance. */
  driver: z.string(),
  digest: z.string(),
  origin: z.enum(['built', 'imported']),
  system: z.string(),
  architecture: z.string(),
  bytes: z.number().int(),
  madeAt: Moment,
  interpreters: z.array(z.object({ name: z.string(), version: z.string(), path: z.string() })),
  labels: z.record(z.string(), z.string()),
  packages: z.array(z.object({ name: z.string(), version: z.string() })),
  /** Whether machines start from a memory snapshot. */
  snapshot: z.boolean(),
  machines: z.number().int(),
});
export type ImageView = z.infer<typeof ImageView>;
