import { createHash } from 'node:crypto';
import path from 'node:path';
import { mkdir, realpath } from 'node:fs/promises';
import {
  PluginError,
  type Change,
  type CheckoutOptions,
  type CheckoutPlan,
  type Ref,
  type Repository,
  type RepositoryCredentials,
  type Revision,
  type ScmProvider,
} from '#plugins/api';
import { ArchiveStore } from './archive-store.ts';
import { fingerprint } from './credentials.ts';
import { GitAccessDesk, type GitAccess } from './git-access.ts';
import { archiveCheckout, type CheckoutRequest, type FetchSubmodule } from './git-checkout.ts';
import { branchesAndTags, type GitListing } from './git-listing.ts';
import { assertOutside } from './git-local-places.ts';
import { GitMirror, type Wanted } from './git-mirror.ts';
import type { CommitInfo } from './git-objects.ts';
import { GitProgram } from './git-process.ts';
import { assertCommitId, assertRef, isRefName } from './git-ref.ts';
import { settingsForStrangers } from './git-strangers.ts';
import { changeOf, findTarget, headPlace, historyToSearch, peeled, targetOf, type Target } from './git-target.ts';
import { readTexts } from './git-texts.ts';
import { forkUrl, isGitUrl, parseGitUrl, repositoryIdentity, type GitUrl } from './git-url.ts';
import { assertAllowed } from './local-folders.ts';
import { permittedAddresses, type Address } from './public-address.ts';
import { SharedWork } from './shared-work.ts';

/** How an instance reads repositories. */
export interface GitOptions {
  /** The instance's private folder: mirrors, archives, known hosts. */
  readonly folder: string;
  /** The git program, a name or an absolute path. */
  readonly program: string;
  /** How long one git process may take. */
  readonly timeoutSeconds: number;
  /** How many generations are fetched with a commit: a checkout of no more needs no second fetch. */
  readonly depth: number;
  /** Bytes that all archives together should take at most. */
  readonly archiveBytes: number;
  /** Folders below which local repositories may lie. */
  readonly localFolders: readonly string[];
  readonly unknownHosts: 'remember' | 'refuse';
  readonly authorities: string | null;
}

// Unpacking as root would give the files to the owner named in the archive: -o gives them to whoever unpacks.
const SCRIPT = 'tar -xof "$TERRARIUM_FOLDER/source.tar" && rm -f "$TERRARIUM_FOLDER/source.tar"';

/** Git repositories behind URLs, as `ScmProvider` wants them. Code hosts that are git at heart build on it. */
export class GitRepositories implements ScmProvider {
  private readonly options: GitOptions;
  private readonly git: GitProgram;
  private readonly desk: GitAccessDesk;
  private readonly archives: ArchiveStore;
  private readonly mirrors = new Map<string, GitMirror>();
  /** Which credentials opened which repository: who cannot fetch it gets nothing out of its mirror either. */
  private readonly admitted = new Set<string>();
  private readonly building = new SharedWork<string>();

  constructor(options: GitOptions) {
    this.options = options;
    this.git = new GitProgram(options.program, options.timeoutSeconds * 1000);
    this.desk = new GitAccessDesk(options);
    this.archives = new ArchiveStore(options.folder, options.archiveBytes);
  }

  matches(url: string): boolean {
    return isGitUrl(url);
  }

  identify(url: string): string | null {
    return isGitUrl(url) ? repositoryIdentity(parseGitUrl(url)) : null;
  }

  async refs(repository: Repository, signal: AbortSignal): Promise<{ readonly refs: readonly Ref[]; readonly defaultBranch: string | null }> {
    const listing = await this.use(repository, signal, (mirror, access) => this.list(repository, mirror, access, signal));
    return { refs: branchesAndTags(listing), defaultBranch: listing.defaultBranch };
  }

  async resolve(repository: Repository, ref: string | null, signal: AbortSignal): Promise<Change> {
    if (ref !== null) assertRef(ref);
    return this.use(repository, signal, async (mirror, access) => {
      const listing = await this.list(repository, mirror, access, signal);
      const target = findTarget(listing, ref, mirror.url);
      const commit = await mirror.ensure(access, target, this.options.depth, signal);
      return changeOf(mirror.url, await this.placed(target, listing, mirror, access, signal), commit);
    });
  }

  async change(repository: Repository, revision: Revision, signal: AbortSignal): Promise<Change> {
    const told = targetOf(revision);
    const head = revision.kind === 'pull-request' ? headPlace(revision.pullRequest).url : null;
    return this.use(repository, signal, async (mirror, access) => {
      const target = told.tag === null ? told : peeled(told, await this.list(repository, mirror, access, signal));
      await this.admit(repository, mirror, access, signal);
      const commit = await this.ensureFrom(head, repository, mirror, access, target, this.options.depth, signal);
      return changeOf(mirror.url, target, commit);
    });
  }

  async readFiles(repository: Repository, commit: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    assertCommitId(commit);
    return this.use(repository, signal, async (mirror, access) => {
      await this.admit(repository, mirror, access, signal);
      const { tree } = await mirror.ensure(access, { commit, ref: null }, 1, signal);
      const reader = await mirror.reader(signal);
      try {
        return await readTexts(reader, tree, paths);
      } finally {
        await reader.close();
      }
    });
  }

  async checkout(repository: Repository, change: Change, options: CheckoutOptions, signal: AbortSignal): Promise<CheckoutPlan> {
    assertCommitId(change.commit);
    const branch = change.tag === null && change.pullRequest === null && isRefName(change.branch) ? change.branch : null;
    const from = await this.use(repository, signal, async (mirror, access) => {
      await this.admit(repository, mirror, access, signal);
      const own = this.submoduleCredentials(repository, options);
      const name = archiveName(mirror.url, change.commit, branch, options, fingerprint({ ...repository, credentials: own }));
      const found = await this.archives.find(name);
      if (found !== null) return found;
      return this.building.run(name, (ending) => this.build(name, repository, change, branch, options, ending), signal);
    });
    return {
      files: [{ from, name: 'source.tar' }],
      script: SCRIPT,
      archive: 'source.tar',
      variables: {},
      title: `git checkout ${change.commit.slice(0, 7)}`,
    };
  }

  /** Stops what is being made and waits for it. */
  async close(): Promise<void> {
    await this.building.close(new PluginError('unavailable', 'The server is shutting down.'));
  }

  /** Throws `unsupported` unless the git program is there and new enough. */
  async check(signal: AbortSignal): Promise<void> {
    const output = await this.git.run({ args: ['version'], cwd: this.options.folder, env: await this.desk.environment(this.options.folder) }, signal);
    const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(output.toString('latin1')) ?? [];
    if (Number(major) * 1000 + Number(minor) < 2020) throw new PluginError('unsupported', `git ${major}.${minor} is too old: install 2.20 or newer.`);
  }

  /** With what submodules at the host of a repository are fetched that was opened with `credentials`: the same, unless a code host knows better. */
  protected forSubmodules(credentials: RepositoryCredentials | null): RepositoryCredentials | null {
    return credentials;
  }

  /** The addresses of a host that a stranger named: those that everybody reaches. Throws `invalid` where there are none. */
  protected publicAddresses(host: string): Promise<readonly Address[]> {
    return permittedAddresses(host, false);
  }

  /** A commit that no branch and no tag stands for is the default branch's if it is among its last `depth` generations: no more of them are fetched. */
  private async placed(target: Target, listing: GitListing, mirror: GitMirror, access: GitAccess, signal: AbortSignal): Promise<Target> {
    const history = historyToSearch(listing, target);
    if (history === null) return target;
    const { id } = await mirror.ensure(access, history.head, this.options.depth, signal);
    return (await mirror.isWithin(target.commit, id, this.options.depth, signal)) ? { ...target, branch: history.branch } : target;
  }

  private submoduleCredentials(repository: Repository, { untrusted }: CheckoutOptions): RepositoryCredentials | null {
    return untrusted === true ? null : this.forSubmodules(repository.credentials);
  }

  private async build(
    name: string,
    repository: Repository,
    change: Change,
    branch: string | null,
    options: CheckoutOptions,
    signal: AbortSignal,
  ): Promise<string> {
    // Credentials of its own: whoever asked first may have gone by now.
    return this.use(repository, signal, async (mirror, access) => {
      const head = change.pullRequest === null ? null : headPlace(change.pullRequest).url;
      const wanted = { commit: change.commit, ref: refOf(change, branch) };
      await this.ensureFrom(head, repository, mirror, access, wanted, options.depth, signal);
      const fetchSubmodule = options.submodules
        ? this.submodules(mirror.url, this.submoduleCredentials(repository, options), options.untrusted === true)
        : null;
      const request: CheckoutRequest = { mirror, commit: change.commit, branch, depth: options.depth, fetchSubmodule };
      return this.archives.make(name, (work) => archiveCheckout(request, work, signal));
    });
  }

  /**
   * Brings a commit into the mirror: from the repository itself, or, for the head of a pull request, from the one at `head`. That gets the credentials only if it is
   * at the same host and reached in the same way.
   */
  private async ensureFrom(
    head: string | null,
    repository: Repository,
    mirror: GitMirror,
    access: GitAccess,
    wanted: Wanted,
    depth: number | null,
    signal: AbortSignal,
  ): Promise<CommitInfo> {
    if (head === null) return mirror.ensure(access, wanted, depth, signal);
    const url = forkUrl(mirror.url, head);
    await this.assertPlace(url);
    const same = url.transport === mirror.url.transport && url.host === mirror.url.host;
    const own = await this.desk.open(mirror.home, url, same ? repository.credentials : null);
    try {
      return await mirror.ensure(access, { commit: wanted.commit, ref: wanted.ref, from: { url, access: own } }, depth, signal);
    } finally {
      await own.close();
    }
  }

  /** Submodules of the same host are fetched with these credentials, all others with none. */
  private submodules(parent: GitUrl, credentials: RepositoryCredentials | null, untrusted: boolean): FetchSubmodule {
    return async ({ path: place, url, commit }, signal) => {
      const same = url.transport === parent.transport && url.host === parent.host;
      const repository: Repository = { url: url.text, credentials: same ? credentials : null };
      try {
        const settings = untrusted ? await settingsForStrangers(url, same, (host) => this.publicAddresses(host)) : [];
        const bring = async (mirror: GitMirror, access: GitAccess): ReturnType<FetchSubmodule> => {
          await this.admit(repository, mirror, access, signal);
          return { mirror, commit: await mirror.ensure(access, { commit, ref: null }, 1, signal) };
        };
        return await this.use(repository, signal, bring, settings);
      } catch (cause) {
        if (!(cause instanceof PluginError)) throw cause;
        throw new PluginError(cause.code, `The submodule ${place} cannot be fetched. ${cause.message}`, { cause });
      }
    };
  }

  /** `settings` are those of `GitAccess`. */
  private async use<T>(
    repository: Repository,
    signal: AbortSignal,
    work: (mirror: GitMirror, access: GitAccess) => Promise<T>,
    settings: readonly string[] = [],
  ): Promise<T> {
    const url = parseGitUrl(repository.url);
    signal.throwIfAborted();
    await this.assertPlace(url);
    const mirror = await this.mirrorOf(url);
    const access = await this.desk.open(mirror.home, url, repository.credentials, settings);
    try {
      return await work(mirror, access);
    } finally {
      await access.close();
    }
  }

  private async assertPlace(url: GitUrl): Promise<void> {
    if (url.transport !== 'file') return;
    await assertAllowed(url.path, this.options.localFolders);
    await assertOutside(url.path, this.options.folder);
  }

  private async mirrorOf(url: GitUrl): Promise<GitMirror> {
    const key = createHash('sha256').update(url.text).digest('hex').slice(0, 40);
    const folder = path.join(await realpath(this.options.folder), 'repositories', key);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const mirror = this.mirrors.get(key) ?? new GitMirror(this.git, this.desk, folder, url);
    this.mirrors.set(key, mirror);
    return mirror;
  }

  private async list(repository: Repository, mirror: GitMirror, access: GitAccess, signal: AbortSignal): Promise<GitListing> {
    const listing = await mirror.list(access, signal);
    this.admitted.add(`${mirror.directory} ${fingerprint(repository)}`);
    return listing;
  }

  private async admit(repository: Repository, mirror: GitMirror, access: GitAccess, signal: AbortSignal): Promise<void> {
    if (!this.admitted.has(`${mirror.directory} ${fingerprint(repository)}`)) await this.list(repository, mirror, access, signal);
  }
}

/** A ref that is likely to lead to a change; null where none is known. */
function refOf({ tag, pullRequest }: Change, branch: string | null): string | null {
  if (pullRequest !== null) {
    const { ref } = headPlace(pullRequest);
    return ref !== null && isRefName(ref) ? ref : null;
  }
  if (tag !== null && isRefName(tag)) return `refs/tags/${tag}`;
  return branch === null ? null : `refs/heads/${branch}`;
}

function archiveName(url: GitUrl, commit: string, branch: string | null, options: CheckoutOptions, credentials: string): string {
  // A stranger gets no submodules that were fetched by other rules than those for strangers.
  const text = JSON.stringify([url.text, branch, options.submodules ? [credentials, options.untrusted === true] : null]);
  const key = createHash('sha256').update(text).digest('hex').slice(0, 16);
  return `source-${commit}-${options.depth ?? 'all'}${options.submodules ? '-submodules' : ''}-${key}.tar`;
}
