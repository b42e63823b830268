import { z } from 'zod';
import type { Contributor } from '#plugins/api';
import { isFullName } from '../places.ts';

/*
 * Fields that webhooks and the API share, only those that are needed.
 * Source: https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */

/** An account; GitHub gives null for one that was deleted. */
export const Account = z.object({ id: z.number().int(), login: z.string().min(1), type: z.string().optional() });
export type Account = z.infer<typeof Account>;

export const CommitId = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'is no commit id');

export const RepositoryName = z.object({ full_name: z.string().refine(isFullName, 'is not OWNER/NAME') });

export const PullPayload = z.object({
  number: z.number().int().positive(),
  title: z.string(),
  state: z.string(),
  html_url: z.url({ protocol: /^https?$/ }),
  user: Account.nullable(),
  base: z.object({ ref: z.string().min(1), sha: CommitId }),
  /** `repo` is null where the fork is gone. */
  head: z.object({ ref: z.string().min(1), sha: CommitId, repo: z.object({ full_name: z.string() }).nullable() }),
});
export type PullPayload = z.infer<typeof PullPayload>;

/** Who an account is; those that are gone GitHub shows as `ghost`. */
export function contributorOf(account: Account | null): Contributor {
  return account === null ? { id: null, name: 'ghost' } : { id: String(account.id), name: account.login };
}

/** A program's account: GitHub Apps have those. */
export function isBot({ type, login }: Account): boolean {
  return type === 'Bot' || login.endsWith('[bot]');
}
