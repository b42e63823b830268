import { z } from 'zod';

/** That a build has ended, as those are told who want to know. */
export const BuildNotice = z.object({
  /** The same notice may come twice, with the same id. */
  id: z.string(),
  project: z.object({ id: z.number().int(), name: z.string(), url: z.string() }),
  build: z.object({
    id: z.number().int(),
    number: z.number().int(),
    state: z.enum(['passed', 'failed', 'errored', 'canceled']),
    /** What the build before it on the same branch came to; null for the first one. */
    previous: z.enum(['passed', 'failed', 'errored', 'canceled']).nullable(),
    /** Where people read about it. */
    url: z.string(),
    /** ISO 8601. */
    startedAt: z.string().nullable(),
    finishedAt: z.string(),
  }),
  change: z.object({
    kind: z.enum(['push', 'tag', 'pull-request', 'schedule', 'manual']),
    branch: z.string(),
    tag: z.string().nullable(),
    commit: z.string(),
    message: z.string(),
    author: z.string(),
    pullRequest: z.object({ number: z.number().int(), title: z.string() }).nullable(),
  }),
  /** Jobs that did not pass, the first ten; `counts` has all, by their state. */
  failures: z.array(z.object({ name: z.string(), state: z.string(), reason: z.string().nullable(), url: z.string() })),
  counts: z.record(z.string(), z.number().int()),
});
export type BuildNotice = z.infer<typeof BuildNotice>;

/**
 * Tells people or programs of builds. `target` is where to: one address, URL or channel, as the project's maintainer entered it (`targetProblem` has accepted it).
 * At least once; the same notice may come again after a crash, and then looks the same to whoever gets it, so that it can be told for what it is. Branches,
 * messages, names of people and jobs come from strangers: nothing in them may be more than text where they are read. `signal` aborts: its reason is thrown.
 * Codes: `invalid` (the target) and `rejected` (never tried again), `unauthorized`, `rate-limited`, `unavailable` (tried again).
 */
export interface Notifier {
  /** What a target is, for the form: `URL that is called`. */
  readonly targetTitle: string;
  /** Whether targets are secret (a chat's webhook URL lets anybody write there): then they are shown to nobody again. */
  readonly isTargetSecret: boolean;
  /** What is wrong with a target, as a sentence that does not repeat it; null if nothing is. Pure; never throws. */
  targetProblem(target: string): string | null;
  notify(target: string, notice: BuildNotice, signal: AbortSignal): Promise<void>;
}
