import { z } from 'zod';

const Absolute = z.string().regex(/^\/[^\0]*$/, 'must be an absolute path');
/** Places of which each sandbox has its own. */
const OWN = /^\/(tmp|var\/tmp|dev|proc|run\/terrarium|terrarium)(\/|$)/;
const Visible = Absolute.refine((path) => !OWN.test(path), 'sandboxes have a place of their own there, which would hide it');

/** The configuration of one instance. All of it has defaults. */
export const LocalConfig = z.strictObject({
  /** `auto`: a sandbox where bubblewrap and namespaces work, else none. `sandbox`: refuse to start where they do not. */
  isolation: z.enum(['auto', 'sandbox', 'none']).default('auto'),
  /** What a sandboxed job reaches: `none` is its own loopback only, `host` is all that the host reaches, the host's own services included. */
  network: z.enum(['none', 'host']).default('none'),
  /** More interpreters: executables, or folders of installations (each with `bin/python`). They are bound into sandboxes read-only. */
  pythons: z.array(Absolute).default([]),
  /** More of the host that sandboxed jobs may read, beside the system and the interpreters. */
  visible: z.array(Visible).default([]),
  /** What lies in a visible place and must not be seen all the same. */
  hidden: z.array(Absolute).default([]),
  /** Processes and threads of one job at once. */
  processes: z.int().min(64).default(2048),
  /** Memory of one machine in megabytes; enforced where the host has a writable memory cgroup. null: no limit. */
  memoryMegabytes: z.int().min(16).nullable().default(null),
  /** The largest file a job may write, in megabytes. null: no limit. */
  fileMegabytes: z.int().min(1).nullable().default(null),
});
export type LocalConfig = z.output<typeof LocalConfig>;
