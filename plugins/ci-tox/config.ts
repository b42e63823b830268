import { z } from 'zod';

/** What can be set for an instance of this plugin. */
export const ToxConfig = z.strictObject({
  /** A list of more environments than this is refused, with a message: a slip in braces must not fill the queue. */
  maximumJobs: z.number().int().positive().default(2000),
});
export type ToxConfig = z.output<typeof ToxConfig>;
