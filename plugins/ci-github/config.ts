import { z } from 'zod';

/** The configuration of an instance of this plugin. */
export const GithubActionsConfig = z.strictObject({
  /** Workflows that make more jobs than this altogether are refused, with a message: a slip in them must not fill the queue. */
  maximumJobs: z.number().int().positive().default(1000),
});
export type GithubActionsConfig = z.output<typeof GithubActionsConfig>;
