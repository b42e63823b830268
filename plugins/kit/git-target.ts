import { PluginError, type Change, type PullRequest, type Revision } from '#plugins/api';
import { branchesAndTags, type GitListing } from './git-listing.ts';
import type { CommitInfo } from './git-objects.ts';
import { assertCommitId, assertRef, isCommitId } from './git-ref.ts';
import { repositoryName, type GitUrl } from './git-url.ts';

/** What a listing says about a ref that was asked for. */
export interface Target {
  readonly commit: string;
  /** A full ref that leads there; null where only the id is known. */
  readonly ref: string | null;
  readonly branch: string;
  readonly tag: string | null;
  /** Whose head it is. */
  readonly pullRequest: PullRequest | null;
}

/** Where the head of a pull request is to be had: at a ref of the repository it goes to, or at one of another repository. */
export interface HeadPlace {
  readonly ref: string | null;
  /** The other repository's URL. */
  readonly url: string | null;
}

/**
 * What `ref` stands for: null the default branch, a full commit id, a branch (before a tag of the same name), a tag, or a full ref.
 * Throws `not-found`. A commit id is taken as it is: only fetching shows whether it exists.
 */
export function findTarget(listing: GitListing, ref: string | null, url: GitUrl): Target {
  if (ref === null) return defaultTarget(listing, url);
  if (isCommitId(ref)) return commitTarget(listing, ref);
  const branch = listing.refs.get(`refs/heads/${ref}`);
  if (branch) return { commit: branch.commit, ref: `refs/heads/${ref}`, branch: ref, tag: null, pullRequest: null };
  const tag = listing.refs.get(`refs/tags/${ref}`);
  if (tag) return { commit: tag.commit, ref: `refs/tags/${ref}`, branch: ref, tag: ref, pullRequest: null };
  const full = ref.startsWith('refs/') ? listing.refs.get(ref) : undefined;
  if (full === undefined) throw new PluginError('not-found', `${url.text}: there is no branch or tag ${ref}. Was it deleted?`);
  const [, kind, short = ref] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  const branchName = kind === undefined ? (listing.defaultBranch ?? '') : short;
  return { commit: full.commit, ref, branch: branchName, tag: kind === 'tags' ? short : null, pullRequest: null };
}

function defaultTarget(listing: GitListing, url: GitUrl): Target {
  if (listing.head === null) throw new PluginError('not-found', `${url.text}: there is no default branch to build. Is the repository empty?`);
  const { defaultBranch } = listing;
  return {
    commit: listing.head,
    ref: defaultBranch === null ? 'HEAD' : `refs/heads/${defaultBranch}`,
    branch: defaultBranch ?? '',
    tag: null,
    pullRequest: null,
  };
}

/** A commit id is taken to be of the branch whose head it is (the default branch first), else of the default branch. */
function commitTarget(listing: GitListing, commit: string): Target {
  const heads = branchesAndTags(listing).flatMap((ref) => (ref.kind === 'branch' && ref.commit === commit ? [ref.name] : []));
  const head = heads.find((name) => name === listing.defaultBranch) ?? heads[0];
  const branch = head ?? listing.defaultBranch ?? '';
  return { commit, ref: branch === '' ? null : `refs/heads/${branch}`, branch, tag: null, pullRequest: null };
}

/** The target that somebody told of exactly. Throws `invalid` for names and ids that git would not take. */
export function targetOf(revision: Revision): Target {
  if (revision.kind === 'pull-request') return pullRequestTarget(revision.pullRequest);
  const { kind, name, commit } = revision;
  const ref = `refs/${kind === 'tag' ? 'tags' : 'heads'}/${name}`;
  assertRef(ref);
  assertCommitId(commit);
  return { commit, ref, branch: name, tag: kind === 'tag' ? name : null, pullRequest: null };
}

function pullRequestTarget(pullRequest: PullRequest): Target {
  const { headCommit, baseBranch } = pullRequest;
  const { ref } = headPlace(pullRequest);
  assertCommitId(headCommit);
  if (ref !== null) assertRef(ref);
  return { commit: headCommit, ref, branch: baseBranch, tag: null, pullRequest };
}

/** Where to look for the head of a pull request: at its ref, else at its branch in the repository it comes from. */
export function headPlace({ headRef, headUrl, headBranch }: Pick<PullRequest, 'headRef' | 'headUrl' | 'headBranch'>): HeadPlace {
  if (headRef !== null || headUrl === null) return { ref: headRef, url: null };
  return { ref: `refs/heads/${headBranch}`, url: headUrl };
}

/** The target that the listing has where somebody told of an annotated tag by the id of the tag itself. */
export function peeled(target: Target, listing: GitListing): Target {
  const listed = target.tag === null || target.ref === null ? undefined : listing.refs.get(target.ref);
  return listed?.object === target.commit ? { ...target, commit: listed.commit } : target;
}

/** The change that a commit is, named as it was asked for. `before` is unknown here. */
export function changeOf(url: GitUrl, target: Target, commit: CommitInfo): Change {
  const { branch, tag } = target;
  const { id, message, author, committedAt } = commit;
  const pullRequest = target.pullRequest && pullRequestOf(target.pullRequest);
  const known = { before: null, pullRequest, repository: repositoryName(url) };
  const kind = pullRequest !== null ? 'pull-request' : tag === null ? 'push' : 'tag';
  return { kind, branch, tag, commit: id, message, author, committedAt, ...known };
}

function pullRequestOf({
  number,
  title,
  author,
  baseCommit,
  headBranch,
  headCommit,
  headRepository,
  headRef,
  headUrl,
}: PullRequest): Change['pullRequest'] {
  // A repository that is gone is nobody's: its change counts as a stranger's.
  return { number, title, author, baseCommit, headBranch, headCommit, headRepository: headRepository ?? '', headRef, headUrl };
}
