import { z } from 'zod';
import { GitReading } from '#plugins/kit/git-config';

/** How an instance reads repositories. Everything has a default. */
export const GitConfig = z.strictObject({
  ...GitReading.shape,
  /** Folders below which repositories on the server's own disk may lie. Empty: none. */
  localFolders: z.array(z.string().startsWith('/')).default(['/']),
});
export type GitConfig = z.infer<typeof GitConfig>;
