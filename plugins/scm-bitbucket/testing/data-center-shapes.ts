import type { FakePullRequest, FakeRepository, FakeUser } from './fake-state.ts';

const NOWHERE = '0'.repeat(40);

export function userOf({ name, id }: FakeUser): object {
  return { name, id, slug: name.toLowerCase(), displayName: `${name} (display)`, active: true, type: 'NORMAL' };
}

export function repositoryOf({ owner, slug, isPrivate }: FakeRepository): object {
  return {
    slug,
    name: slug,
    scmId: 'git',
    state: 'AVAILABLE',
    public: !isPrivate,
    project: { key: owner, type: owner.startsWith('~') ? 'PERSONAL' : 'NORMAL' },
  };
}

/** A pull request as the API and the payloads have it. */
export function dataCenterPullRequest({ number, title, author, from, branch, to, base, head, state }: FakePullRequest): object {
  const latestCommit = to.branches.get(base) ?? '';
  return {
    id: number,
    version: 0,
    title,
    state,
    open: state === 'OPEN',
    closed: state !== 'OPEN',
    createdDate: 1_767_323_045_678,
    fromRef: { id: `refs/heads/${branch}`, displayId: branch, latestCommit: head, repository: from && repositoryOf(from) },
    toRef: { id: `refs/heads/${base}`, displayId: base, latestCommit, repository: repositoryOf(to) },
    author: { user: userOf(author), role: 'AUTHOR', approved: false, status: 'UNAPPROVED' },
    reviewers: [],
    links: { self: [{ href: 'https://bitbucket.example.org/' }] },
  };
}

/** The payload of `repo:refs_changed` for one ref. */
export function dataCenterPush(
  repository: FakeRepository,
  by: FakeUser,
  ref: { readonly kind: 'branch' | 'tag'; readonly name: string; readonly before: string | null; readonly after: string | null },
): object {
  const { kind, name, before, after } = ref;
  const id = `refs/${kind === 'tag' ? 'tags' : 'heads'}/${name}`;
  const type = before === null ? 'ADD' : after === null ? 'DELETE' : 'UPDATE';
  const change = { ref: { id, displayId: name, type: kind.toUpperCase() }, refId: id, fromHash: before ?? NOWHERE, toHash: after ?? NOWHERE, type };
  return {
    eventKey: 'repo:refs_changed',
    date: '2026-01-02T03:04:05+0000',
    actor: userOf(by),
    repository: repositoryOf(repository),
    changes: [change],
  };
}

/** The payload of `pr:*`, with a comment for those about one. */
export function dataCenterPullRequestPayload(key: string, by: FakeUser, request: FakePullRequest, comment: string | null): object {
  const about = { eventKey: key, date: '2026-01-02T03:04:05+0000', actor: userOf(by), pullRequest: dataCenterPullRequest(request) };
  return comment === null ? about : { ...about, comment: { id: 1, version: 0, text: comment, author: userOf(by), createdDate: 1_767_323_045_678 } };
}
