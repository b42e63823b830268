import { accountShape, checkRunShape, pullShape, repositoryShape } from './fake-shapes.ts';
import type { FakeAccount, FakeCheckRun, FakePull, FakeRepository } from './fake-state.ts';

/*
 * Payloads of webhooks, as https://docs.github.com/en/webhooks/webhook-events-and-payloads has them.
 */

const NONE = '0'.repeat(40);

/** What a push payload is about. `before` and `after` null: the ref is new, or gone. */
export interface Pushed {
  readonly ref: string;
  readonly before: string | null;
  readonly after: string | null;
  readonly by: FakeAccount;
}

export function pushPayload(repository: FakeRepository, { ref, before, after, by }: Pushed, webUrl: string): Record<string, unknown> {
  return {
    ref,
    before: before ?? NONE,
    after: after ?? NONE,
    base_ref: null,
    created: before === null,
    deleted: after === null,
    forced: false,
    head_commit: after === null ? null : { id: after, message: 'a change' },
    commits: [],
    repository: repositoryShape(repository, webUrl),
    pusher: { name: by.login, email: `${by.login}@example.org` },
    sender: accountShape(by),
  };
}

export function pullRequestPayload(
  repository: FakeRepository,
  pull: FakePull,
  action: string,
  sender: FakeAccount,
  webUrl: string,
): Record<string, unknown> {
  return {
    action,
    number: pull.number,
    pull_request: pullShape(repository, pull, webUrl),
    repository: repositoryShape(repository, webUrl),
    sender: accountShape(sender),
  };
}

export function commentPayload(repository: FakeRepository, pull: FakePull, by: FakeAccount, body: string, webUrl: string): Record<string, unknown> {
  return {
    action: 'created',
    issue: { number: pull.number, title: pull.title, pull_request: { url: 'https://example.org' } },
    comment: { id: 1, user: accountShape(by), body, created_at: '2026-01-02T03:04:05Z', updated_at: '2026-01-02T03:04:05Z' },
    repository: repositoryShape(repository, webUrl),
    sender: accountShape(by),
  };
}

export function rerequestedPayload(repository: FakeRepository, run: FakeCheckRun, by: FakeAccount, webUrl: string): Record<string, unknown> {
  return { action: 'rerequested', check_run: checkRunShape(run), repository: repositoryShape(repository, webUrl), sender: accountShape(by) };
}
