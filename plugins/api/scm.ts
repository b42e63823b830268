import type { Change } from './change.ts';
import type { People, PullRequest, PullRequests, RepositoryOffer, Statuses, Webhooks } from './code-host.ts';

/** A repository as its project names it. */
export interface Repository {
  /** The URL to fetch from, without credentials. */
  readonly url: string;
  /** User and password or token for https; a private key in PEM or OpenSSH form for ssh. Never logged, never on a command line. */
  readonly credentials: RepositoryCredentials | null;
}

export type RepositoryCredentials =
  | { readonly kind: 'password'; readonly user: string; readonly password: string }
  | { readonly kind: 'ssh-key'; readonly privateKey: string; readonly knownHosts: string | null };

/** A ref of the repository and where it points. A branch with several heads (Mercurial) is several of them, of one name. */
export interface Ref {
  readonly kind: 'branch' | 'tag';
  readonly name: string;
  readonly commit: string;
}

/** A revision that somebody told of exactly: a head of a branch, a tag, or the head of a pull request. */
export type Revision = Ref | { readonly kind: 'pull-request'; readonly pullRequest: PullRequest };

/** How much of a change is laid out. */
export interface CheckoutOptions {
  /** How many generations of history; null: all. */
  readonly depth: number | null;
  readonly submodules: boolean;
  /** The change is a stranger's, who may name any repository as a submodule: none but the change's own is fetched with the project's credentials. */
  readonly untrusted?: boolean;
}

/** What a machine needs to lay out the work tree. The files are on the server; nothing secret is in any of it. */
export interface CheckoutPlan {
  /** Files to upload before the job starts: absolute path on the server, name in the agent's folder. */
  readonly files: readonly { readonly from: string; readonly name: string }[];
  /**
   * POSIX sh, a constant of the plugin: never built from data. Runs with the agent's folder in `$TERRARIUM_FOLDER`, the (empty)
   * work tree as its working directory, and `variables`. A failure makes the job errored.
   */
  readonly script: string;
  /**
   * Of `files` the one that is a tar archive of the work tree (names in UTF-8), where `script` unpacks and removes it and does nothing else: so a machine without sh
   * can do it, too. Absent: the change can be laid out by sh only, and its jobs for Windows end as errored.
   */
  readonly archive?: string;
  readonly variables: Readonly<Record<string, string>>;
  /** What the log shows for it: `git checkout 1a2b3c4`. */
  readonly title: string;
}

/**
 * A code host. All methods may be called at once for the same repository. `signal` aborts: no process or temporary file stays.
 * Codes: `not-found` (repository, ref or file), `unauthorized`, `invalid` (a URL or ref that is refused before anything runs),
 * `unavailable` (host away), `rejected`.
 */
export interface ScmProvider {
  /** Whether this provider reads such a URL; decides which one takes a pasted URL. Pure. */
  matches(url: string): boolean;
  /**
   * What tells two repositories of this provider apart, however their URLs are written: `github.com/owner/name` for https, ssh and git URLs alike. Pure; null for
   * a URL that it does not read.
   */
  identify(url: string): string | null;
  /** Branches and tags now, and which branch is the default. An empty repository has no refs. */
  refs(repository: Repository, signal: AbortSignal): Promise<{ readonly refs: readonly Ref[]; readonly defaultBranch: string | null }>;
  /**
   * What a branch name, tag name or full commit id stands for. Of a branch and a tag with the same name the branch; `refs/heads/NAME` and `refs/tags/NAME`
   * tell them apart. A commit id is its branch's if it is the head of one, else its tag's, else the default branch's if that is known to have it, else no branch's: who may push a tag need not
   * be allowed to push to a branch whose secrets he would get. `ref` null: the default branch. Fetches the commit, so that what follows is local.
   */
  resolve(repository: Repository, ref: string | null, signal: AbortSignal): Promise<Change>;
  /**
   * The change that a revision is, at just that commit, though the branch may have moved on since. Fetches the commit. `not-found` where it is not to be had any
   * more, `invalid` for what is no name or no id.
   */
  change(repository: Repository, revision: Revision, signal: AbortSignal): Promise<Change>;
  /**
   * The texts of those of `paths` that exist at `commit` as regular files, UTF-8 (a byte order mark stays). `invalid` for one of more than 1 MB. A `*` in the last part of a path
   * stands for any characters: all files of that folder are meant whose names fit, which come by their own paths, in their order; `invalid` for more than 30.
   */
  readFiles(repository: Repository, commit: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>>;
  /** What a machine needs to lay out `change`. Repeated calls for the same commit are cheap. */
  checkout(repository: Repository, change: Change, options: CheckoutOptions, signal: AbortSignal): Promise<CheckoutPlan>;
  /** How the host calls us. Without it, a call is a hint to look, and nothing it says is believed. */
  readonly webhooks?: Webhooks;
  readonly statuses?: Statuses;
  readonly people?: People;
  readonly pullRequests?: PullRequests;
  /** The repositories that the instance's own credentials reach. */
  repositories?(signal: AbortSignal): Promise<readonly RepositoryOffer[]>;
  /** Lines to set up by hand what calls `url` at each push, with where they belong; for hosts whose hooks cannot be made from here. Pure. */
  hookRecipe?(url: string): string;
}
