import { PluginError, type Change, type PullRequest, type Revision } from '#plugins/api';
import { branchesAndTags, type GitListing } from './git-listing.ts';
import type { Wanted } from './git-mirror.ts';
import type { CommitInfo } from './git-objects.ts';
import { assertCommitId, assertRef, isCommitId } from './git-ref.ts';
import { repositoryName, type GitUrl } from './git-url.ts';

/** What a listing says about a ref that was asked for. */
export interface Target {
  readonly commit: string;
  /** A full ref that may lead there; null where only the id is known. */
  readonly ref: string | null;
  /** Empty: it is no branch's, as far as the listing tells. */
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
 * What `ref` stands for: null the default branch, a full commit id, a full ref (before all that is only called so), a branch (before a tag of the same name), or a tag.
 * Throws `not-found`. A commit id is taken as it is: only fetching shows whether it exists.
 */
export function findTarget(listing: GitListing, ref: string | null, url: GitUrl): Target {
  if (ref === null) return defaultTarget(listing, url);
  if (isCommitId(ref)) return commitTarget(listing, ref, defaultRef(listing));
  const names = [...(ref.startsWith('refs/') ? [ref] : []), `refs/heads/${ref}`, `refs/tags/${ref}`];
  for (const name of names) {
    const found = listing.refs.get(name);
    if (found !== undefined) return refTarget(listing, name, found.commit);
  }
  throw new PluginError('not-found', `${url.text}: there is no branch or tag ${ref}. Was it deleted?`);
}

/** What is at a full ref. One that is neither a branch nor a tag (a host's own, for a pull request say) says nothing about whose the commit is. */
function refTarget(listing: GitListing, ref: string, commit: string): Target {
  const [, kind, name] = /^refs\/(heads|tags)\/(.+)$/.exec(ref) ?? [];
  if (name === undefined) return commitTarget(listing, commit, ref);
  return { commit, ref, branch: name, tag: kind === 'tags' ? name : null, pullRequest: null };
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

/**
 * A commit is the branch's whose head it is (the default branch before others), else the tag's that stands for it, else nobody's: secrets are given to branches and
 * tags, and who may push a tag need not be allowed to push to the default branch. `ref` may lead to a commit that none of them stands for.
 */
function commitTarget(listing: GitListing, commit: string, ref: string | null): Target {
  const here = branchesAndTags(listing).filter((one) => one.commit === commit);
  const branches = here.filter(({ kind }) => kind === 'branch');
  const found = branches.find(({ name }) => name === listing.defaultBranch) ?? branches[0] ?? here[0];
  if (found === undefined) return { commit, ref, branch: '', tag: null, pullRequest: null };
  return refTarget(listing, `refs/${found.kind === 'branch' ? 'heads' : 'tags'}/${found.name}`, commit);
}

function defaultRef({ defaultBranch }: GitListing): string | null {
  return defaultBranch === null ? null : `refs/heads/${defaultBranch}`;
}

/** The head of the default branch, whose history tells whether a target that is nobody's is that branch's. Null where there is nothing to find out. */
export function historyToSearch(
  listing: GitListing,
  { branch, tag, pullRequest }: Target,
): { readonly branch: string; readonly head: Wanted } | null {
  const ref = defaultRef(listing);
  const head = ref === null ? undefined : listing.refs.get(ref);
  if (listing.defaultBranch === null || head === undefined || branch !== '' || tag !== null || pullRequest !== null) return null;
  return { branch: listing.defaultBranch, head: { commit: head.commit, ref } };
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
