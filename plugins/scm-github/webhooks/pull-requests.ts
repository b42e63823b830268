import { z } from 'zod';
import type { HostEvent, PullRequest } from '#plugins/api';
import { ignored, type Identify } from './readers.ts';
import { PullPayload, RepositoryName, contributorOf } from './schemas.ts';

/** https://docs.github.com/en/webhooks/webhook-events-and-payloads#pull_request */
export const PullRequestPayload = z.object({
  action: z.string(),
  repository: RepositoryName,
  pull_request: PullPayload,
  /** What an edit changed; `base`: it wants to go elsewhere now, which is another merge to look at. */
  changes: z.object({ base: z.unknown() }).nullish().catch(undefined),
});

const ACTIONS: Readonly<Record<string, 'opened' | 'updated' | 'closed' | 'edited'>> = {
  opened: 'opened',
  reopened: 'opened',
  synchronize: 'updated',
  closed: 'closed',
  edited: 'edited',
  converted_to_draft: 'edited',
  ready_for_review: 'edited',
};

export function readPullRequest(payload: z.infer<typeof PullRequestPayload>, identify: Identify): HostEvent {
  const known = Object.hasOwn(ACTIONS, payload.action) ? ACTIONS[payload.action] : undefined;
  if (known === undefined) return ignored('it changes nothing about a pull request that a CI heeds');
  const action = known === 'edited' && (payload.changes?.base ?? null) !== null ? 'updated' : known;
  return { kind: 'pull-request', repository: identify(payload.repository.full_name), action, pullRequest: pullRequestOf(payload.pull_request) };
}

/** The pull request that a payload or an answer of the API describes. */
export function pullRequestOf({ number, title, state, html_url: webUrl, user, base, head }: PullPayload): PullRequest {
  return {
    number,
    title,
    author: contributorOf(user),
    baseBranch: base.ref,
    baseCommit: base.sha,
    headBranch: head.ref,
    headCommit: head.sha,
    headRepository: head.repo?.full_name ?? null,
    // GitHub keeps it in the repository it goes to, also when the fork is gone.
    headRef: `refs/pull/${number}/head`,
    headUrl: null,
    isOpen: state === 'open',
    webUrl,
  };
}
