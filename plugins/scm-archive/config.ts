import { z } from 'zod';

/** How an instance gets archives. Everything has a default. */
export const ArchiveConfig = z
  .object({
    /** How long one download may take. */
    timeoutSeconds: z.number().positive().max(86_400).default(900),
    /** A larger archive is refused. */
    largestMegabytes: z.number().positive().default(1024),
    /** How much room archives may take; the least recently used go first, but none used within the hour. */
    archiveMegabytes: z.number().positive().default(4096),
    /** Folders below which archives on the server's own disk may lie. Empty: none, for whoever adds a project would have them unpacked. */
    localFolders: z.array(z.string().startsWith('/')).default([]),
  })
  .strict();
export type ArchiveConfig = z.infer<typeof ArchiveConfig>;
