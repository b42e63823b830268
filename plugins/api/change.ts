import { z } from 'zod';

/** A revision to be built: a push, a tag, the head of a pull request, or somebody's request. */
export const Change = z.object({
  kind: z.enum(['push', 'tag', 'pull-request', 'schedule', 'manual']),
  /** The branch pushed to; for a pull request the branch it wants to go to; for a tag its name. Empty for a commit that is built by its id and that no branch has. */
  branch: z.string(),
  /** The tag, for kind `tag`. */
  tag: z.string().nullable(),
  /** The full id of the revision. */
  commit: z.string(),
  /** The commit before, where it is known. */
  before: z.string().nullable(),
  message: z.string(),
  author: z.string(),
  /** When the revision was committed; ISO 8601. */
  committedAt: z.string().nullable(),
  pullRequest: z
    .object({
      number: z.number().int(),
      title: z.string(),
      headBranch: z.string(),
      headCommit: z.string(),
      /** `owner/name` of the repository it comes from. */
      headRepository: z.string(),
      /** Who opened it, as its code host calls him; null in what was written down before that was known. */
      author: z.object({ id: z.string().nullable(), name: z.string() }).nullable().default(null),
      /** The head of `branch` that it was seen against; null where that is not known. */
      baseCommit: z.string().nullable().default(null),
      /** Where its head can be fetched: see `PullRequest`. */
      headRef: z.string().nullable().default(null),
      headUrl: z.string().nullable().default(null),
    })
    .nullable(),
  /** `owner/name`, or what comes nearest at a host without owners. */
  repository: z.string(),
});
export type Change = z.infer<typeof Change>;
