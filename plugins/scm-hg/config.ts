import { z } from 'zod';

/** How an instance reads repositories. Everything has a default. */
export const HgConfig = z
  .object({
    /** The Mercurial program: a name, or an absolute path. 5.3 or newer, run by Python 3. */
    program: z.string().min(1).default('hg'),
    /** How long one talk with a host may take. */
    timeoutSeconds: z.number().positive().max(86_400).default(300),
    /** A first pull that breaks off keeps whole multiples of so many revisions. 0: all or nothing. */
    revisionsAtOnce: z.number().int().nonnegative().max(1_000_000).default(20_000),
    /** How much room archives of work trees may take; the least recently used go first, but none used within the hour. */
    archiveMegabytes: z.number().positive().default(2048),
    /** Folders below which repositories on the server's own disk may lie. Empty: none. */
    localFolders: z.array(z.string().startsWith('/')).default(['/']),
    /** What to do with an ssh host whose key the project does not give: `remember` it at first sight, or `refuse`. */
    unknownHosts: z.enum(['remember', 'refuse']).default('remember'),
    /** A PEM file with the authorities to trust for https; null: those of the system. */
    authorities: z.string().startsWith('/').nullable().default(null),
  })
  .strict();
export type HgConfig = z.infer<typeof HgConfig>;
