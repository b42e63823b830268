import { z } from 'zod';

/** The configuration of an instance of this plugin. */
export const TravisConfig = z.object({
  /** The Python of a job of `language: python` that names none; Travis's own default is 3.10. */
  defaultPython: z.string().min(1).default('3.10'),
  /** A description that makes more jobs is refused. */
  maximumJobs: z.number().int().positive().default(2000),
});
export type TravisConfig = z.infer<typeof TravisConfig>;
