import { z } from 'zod';

/** What can be set for an instance of this plugin. */
export const NoxConfig = z.strictObject({
  /** A noxfile that makes more sessions than this is refused, with a message: a slip in parameters must not fill the queue. */
  maximumJobs: z.number().int().positive().default(2000),
});
export type NoxConfig = z.output<typeof NoxConfig>;
