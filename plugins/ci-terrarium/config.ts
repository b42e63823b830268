import { z } from 'zod';

/** What can be set for an instance of this plugin. */
export const TerrariumCiConfig = z.strictObject({
  /** A description that makes more jobs than this is refused, with a message: a slip in a matrix must not fill the queue. */
  maximumJobs: z.number().int().positive().default(2000),
});
export type TerrariumCiConfig = z.output<typeof TerrariumCiConfig>;
