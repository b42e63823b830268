import type { FakeBitbucket } from './fake-bitbucket.ts';
import type { FakePullRequest, FakeRepository, FakeUser } from './fake-state.ts';

const SHORT = 12;

export function accountOf({ name, uuid, accountId }: FakeUser): object {
  return { type: 'user', display_name: `${name} (display)`, nickname: name, uuid, account_id: accountId };
}

export function repositoryOf(host: FakeBitbucket, { fullName, slug, isPrivate }: FakeRepository): object {
  const html = { href: `${host.url}/${fullName}` };
  return { type: 'repository', full_name: fullName, name: slug, scm: 'git', is_private: isPrivate, links: { html } };
}

/** A pull request as the API and the payloads have it: commit ids are cut to 12 digits. */
export function cloudPullRequest(host: FakeBitbucket, { number, title, author, from, branch, to, base, head, state }: FakePullRequest): object {
  return {
    type: 'pullrequest',
    id: number,
    title,
    state,
    author: accountOf(author),
    source: {
      branch: { name: branch },
      commit: head === '' ? null : { type: 'commit', hash: head.slice(0, SHORT) },
      repository: from && repositoryOf(host, from),
    },
    destination: {
      branch: { name: base },
      commit: { type: 'commit', hash: (to.branches.get(base) ?? '').slice(0, SHORT) },
      repository: repositoryOf(host, to),
    },
    links: { html: { href: `${host.url}/${to.fullName}/pull-requests/${number}` } },
  };
}

/** The payload of `repo:push` for one ref. */
export function cloudPush(
  host: FakeBitbucket,
  repository: FakeRepository,
  by: FakeUser,
  ref: { readonly kind: 'branch' | 'tag'; readonly name: string; readonly before: string | null; readonly after: string | null },
): object {
  const side = (hash: string | null): object | null => (hash === null ? null : { type: ref.kind, name: ref.name, target: { type: 'commit', hash } });
  const { before, after } = ref;
  const change = { old: side(before), new: side(after), created: before === null, closed: after === null, forced: false, truncated: false };
  return { actor: accountOf(by), repository: repositoryOf(host, repository), push: { changes: [change] } };
}

/** The payload of `pullrequest:*`, with a comment for those about one. */
export function cloudPullRequestPayload(host: FakeBitbucket, by: FakeUser, request: FakePullRequest, comment: string | null): object {
  const about = { actor: accountOf(by), repository: repositoryOf(host, request.to), pullrequest: cloudPullRequest(host, request) };
  const at = '2026-01-02T03:04:05.678901+00:00';
  return comment === null ? about : { ...about, comment: { id: 1, content: { raw: comment }, user: accountOf(by), created_on: at } };
}
