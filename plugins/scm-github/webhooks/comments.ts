import { z } from 'zod';
import type { HostEvent } from '#plugins/api';
import { ignored, type Identify } from './readers.ts';
import { Account, CommitId, RepositoryName, contributorOf, isBot } from './schemas.ts';

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#issue_comment */
export const IssueCommentPayload = z.object({
  action: z.string(),
  repository: RepositoryName,
  /** `pull_request` is there if the issue is one. */
  issue: z.object({ number: z.number().int().positive(), pull_request: z.object({}).nullish() }),
  comment: z.object({ user: Account.nullable(), body: z.string().nullish(), created_at: z.string().nullish() }),
});

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request_review */
export const ReviewPayload = z.object({
  action: z.string(),
  repository: RepositoryName,
  pull_request: z.object({ number: z.number().int().positive() }),
  review: z.object({ user: Account.nullable(), body: z.string().nullish(), commit_id: CommitId.nullish(), submitted_at: z.string().nullish() }),
});

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request_review_comment */
export const ReviewCommentPayload = z.object({
  action: z.string(),
  repository: RepositoryName,
  pull_request: z.object({ number: z.number().int().positive() }),
  comment: z.object({
    user: Account.nullable(),
    body: z.string().nullish(),
    commit_id: CommitId.nullish(),
    /** What it was written about; `commit_id` moves along with pushes. */
    original_commit_id: CommitId.nullish(),
    created_at: z.string().nullish(),
  }),
});

/** What the three have in common. */
interface Words {
  readonly repository: string;
  readonly number: number;
  readonly user: Account | null;
  readonly text: string | null | undefined;
  readonly commit: string | null | undefined;
  readonly at: string | null | undefined;
}

export function readIssueComment({ action, repository, issue, comment }: z.infer<typeof IssueCommentPayload>, identify: Identify): HostEvent {
  if (action !== 'created') return onlyNew(action);
  if (!issue.pull_request) return ignored('a comment on an issue that is no pull request');
  const { user, body: text, created_at: at } = comment;
  return said({ repository: identify(repository.full_name), number: issue.number, user, text, commit: null, at });
}

export function readReview({ action, repository, pull_request: pull, review }: z.infer<typeof ReviewPayload>, identify: Identify): HostEvent {
  if (action !== 'submitted') return onlyNew(action);
  const { user, body: text, commit_id: commit, submitted_at: at } = review;
  return said({ repository: identify(repository.full_name), number: pull.number, user, text, commit, at });
}

export function readReviewComment(
  { action, repository, pull_request: pull, comment }: z.infer<typeof ReviewCommentPayload>,
  identify: Identify,
): HostEvent {
  if (action !== 'created') return onlyNew(action);
  const { user, body: text, created_at: at } = comment;
  const commit = comment.original_commit_id ?? comment.commit_id;
  return said({ repository: identify(repository.full_name), number: pull.number, user, text, commit, at });
}

function said({ repository, number, user, text, commit, at }: Words): HostEvent {
  if (user === null) return ignored('a comment of an account that is gone');
  if (isBot(user)) return ignored('a comment of a bot');
  if (!text) return ignored('a comment without words');
  return { kind: 'comment', repository, number, by: contributorOf(user), text, commit: commit ?? null, at: at ?? null };
}

/** Who may edit a comment could put words into the mouth of whoever wrote it. */
function onlyNew(action: string): HostEvent {
  return ignored(action === 'edited' ? 'an edited comment: only what is written anew is heeded' : 'only new comments are heeded');
}
