import { z } from 'zod';

/** The configuration of an instance of this plugin. */
export const AppveyorConfig = z.strictObject({
  /** A description whose matrix has more rows than this is refused, with a message: a slip in it must not fill the queue. */
  maximumJobs: z.number().int().positive().default(2000),
});
export type AppveyorConfig = z.output<typeof AppveyorConfig>;
