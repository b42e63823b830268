import { z } from 'zod';

/** What every plugin that reads git repositories lets an administrator say about it. Everything has a default. */
export const GitReading = z.object({
  /** The git program: a name, or an absolute path. 2.20 or newer. */
  program: z.string().min(1).default('git'),
  /** How long one talk with a host may take. */
  timeoutSeconds: z.number().positive().max(86_400).default(300),
  /** How many generations of history are fetched with a commit. Jobs that ask for more cause a second fetch. */
  depth: z.number().int().positive().max(1_000_000).default(50),
  /** How much room archives of work trees may take; the least recently used go first, but none used within the hour. */
  archiveMegabytes: z.number().positive().default(2048),
  /** What to do with an ssh host whose key the project does not give: `remember` it at first sight, or `refuse`. */
  unknownHosts: z.enum(['remember', 'refuse']).default('remember'),
  /** A PEM file with the authorities to trust for https; null: those of the system. */
  authorities: z.string().startsWith('/').nullable().default(null),
});
export type GitReading = z.infer<typeof GitReading>;
