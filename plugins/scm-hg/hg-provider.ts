import { createHash } from 'node:crypto';
import { mkdir, realpath, stat } from 'node:fs/promises';
import path from 'node:path';
import {
  PluginError,
  type Change,
  type CheckoutOptions,
  type CheckoutPlan,
  type Extension,
  type PluginContext,
  type Ref,
  type Repository,
  type Revision,
  type ScmProvider,
} from '#plugins/api';
import { ArchiveStore } from '#plugins/kit/archive-store';
import { fingerprint } from '#plugins/kit/credentials';
import { repositoryIdentity, repositoryName } from '#plugins/kit/git-url';
import { assertAllowed } from '#plugins/kit/local-folders';
import { SharedWork } from '#plugins/kit/shared-work';
import type { HgConfig } from './config.ts';
import { HgAccessDesk, environment, type HgAccess } from './hg-access.ts';
import { HgFailure } from './hg-errors.ts';
import { archiveTree, readTexts } from './hg-files.ts';
import { findTarget, refsOf, type HgListing, type Target } from './hg-listing.ts';
import { HgMirror, type HgCommit } from './hg-mirror.ts';
import { assertCommitId, assertRef } from './hg-name.ts';
import { HgProgram } from './hg-program.ts';
import { isHgUrl, parseHgUrl, type HgUrl } from './hg-url.ts';
import { hookRecipe } from './hook-recipe.ts';

const OLDEST = 5003;

// Unpacking as root would give the files to the owner named in the archive: -o gives them to whoever unpacks.
const SCRIPT = 'tar -xof "$TERRARIUM_FOLDER/source.tar" && rm -f "$TERRARIUM_FOLDER/source.tar"';

/** Mercurial repositories behind URLs. */
export class HgProvider implements ScmProvider, Extension {
  private readonly context: PluginContext<HgConfig>;
  private readonly hg: HgProgram;
  private readonly desk: HgAccessDesk;
  private readonly archives: ArchiveStore;
  private readonly mirrors = new Map<string, HgMirror>();
  /** Which credentials opened which repository: who cannot pull from it gets nothing out of its mirror either. */
  private readonly admitted = new Set<string>();
  private readonly building = new SharedWork<string>();
  /** Names that were told of as not usable. */
  private readonly told = new Set<string>();

  constructor(context: PluginContext<HgConfig>) {
    const { program, timeoutSeconds, archiveMegabytes, unknownHosts, authorities } = context.config;
    this.context = context;
    this.hg = new HgProgram(program, timeoutSeconds * 1000);
    this.desk = new HgAccessDesk({ folder: context.folder, unknownHosts, authorities });
    this.archives = new ArchiveStore(context.folder, archiveMegabytes * 1024 * 1024);
  }

  matches(url: string): boolean {
    return isHgUrl(url);
  }

  identify(url: string): string | null {
    return isHgUrl(url) ? repositoryIdentity(parseHgUrl(url)) : null;
  }

  async refs(repository: Repository, signal: AbortSignal): Promise<{ readonly refs: readonly Ref[]; readonly defaultBranch: string | null }> {
    const listing = await this.use(repository, signal, (mirror, access) => this.list(repository, mirror, access, signal));
    return { refs: refsOf(listing), defaultBranch: listing.defaultBranch };
  }

  async resolve(repository: Repository, ref: string | null, signal: AbortSignal): Promise<Change> {
    if (ref !== null) assertRef(ref);
    return this.use(repository, signal, async (mirror, access) => {
      const target = findTarget(await this.list(repository, mirror, access, signal), ref, mirror.url);
      const commit = await mirror.find(target.commit, signal);
      if (commit === null) throw notThere(mirror.url, target.commit);
      return changeOf(mirror.url, target, commit);
    });
  }

  /** A pull request is `unsupported`: no plain Mercurial server has any. */
  async change(repository: Repository, revision: Revision, signal: AbortSignal): Promise<Change> {
    if (revision.kind === 'pull-request') throw new PluginError('unsupported', 'A plain Mercurial server has no pull requests.');
    const { kind, name, commit } = revision;
    assertRef(name);
    assertCommitId(commit);
    return this.use(repository, signal, async (mirror, access) => {
      const found = await this.ensure(repository, mirror, access, commit, signal);
      return changeOf(mirror.url, { commit, branch: name, tag: kind === 'tag' ? name : null }, found);
    });
  }

  async readFiles(repository: Repository, commit: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    assertCommitId(commit);
    return this.use(repository, signal, async (mirror, access) => {
      await this.ensure(repository, mirror, access, commit, signal);
      return readTexts(mirror, commit, paths, signal);
    });
  }

  /** A work tree has no history: `depth` changes nothing. Subrepositories that are wanted and there are `unsupported`. */
  async checkout(repository: Repository, change: Change, options: CheckoutOptions, signal: AbortSignal): Promise<CheckoutPlan> {
    const { commit } = change;
    assertCommitId(commit);
    const from = await this.use(repository, signal, async (mirror, access) => {
      await this.ensure(repository, mirror, access, commit, signal);
      if (options.submodules) await assertNoSubrepositories(mirror, commit, signal);
      const name = archiveName(mirror.url, commit);
      return (await this.archives.find(name)) ?? this.building.run(name, (own) => this.build(name, mirror, commit, own), signal);
    });
    return {
      files: [{ from, name: 'source.tar' }],
      script: SCRIPT,
      archive: 'source.tar',
      variables: {},
      title: `hg archive ${commit.slice(0, 12)}`,
    };
  }

  hookRecipe(url: string): string {
    return hookRecipe(url);
  }

  /** Throws `unsupported` unless the hg program is there and new enough. An installation that needs no Mercurial starts without. */
  async check(signal: AbortSignal): Promise<void> {
    const folder = this.context.folder;
    const output = await this.hg.run({ args: ['version', '--quiet'], cwd: folder, env: { ...environment(folder), HGRCPATH: '' } }, signal);
    const [, major = '0', minor = '0'] = /(\d+)\.(\d+)/.exec(output.toString('latin1')) ?? [];
    if (Number(major) * 1000 + Number(minor) < OLDEST)
      throw new PluginError('unsupported', `Mercurial ${major}.${minor} is too old: install 5.3 or newer.`);
  }

  /** Stops what is being made and waits for it. */
  async close(): Promise<void> {
    await this.building.close(new PluginError('unavailable', 'The server is shutting down.'));
  }

  private build(name: string, mirror: HgMirror, commit: string, signal: AbortSignal): Promise<string> {
    return this.archives.make(name, (work) => archiveTree(mirror, commit, work, signal));
  }

  private async use<T>(repository: Repository, signal: AbortSignal, work: (mirror: HgMirror, access: HgAccess) => Promise<T>): Promise<T> {
    const url = parseHgUrl(repository.url);
    signal.throwIfAborted();
    if (url.transport === 'file') await this.assertLocal(url);
    const mirror = await this.mirrorOf(url);
    const access = await mirror.open(repository.credentials);
    try {
      return await work(mirror, access);
    } catch (error) {
      // A talk with the host is explained where it fails: this is about what was brought before.
      throw error instanceof HgFailure ? unreadable(url, error) : error;
    } finally {
      await access.close();
    }
  }

  private async mirrorOf(url: HgUrl): Promise<HgMirror> {
    const key = createHash('sha256').update(url.text).digest('hex').slice(0, 40);
    const folder = path.join(await realpath(this.context.folder), 'repositories', key);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const mirror = this.mirrors.get(key) ?? new HgMirror(this.hg, this.desk, folder, url, this.context.config.revisionsAtOnce);
    this.mirrors.set(key, mirror);
    return mirror;
  }

  /** Mercurial would read a bundle, which is a file, too. */
  private async assertLocal(url: HgUrl): Promise<void> {
    await assertAllowed(url.path, this.context.config.localFolders);
    const isRepository = await stat(path.join(url.path, '.hg')).then((found) => found.isDirectory(), isMissing);
    if (!isRepository) throw new PluginError('not-found', `${url.path}: there is no Mercurial repository.`);
  }

  private async list(repository: Repository, mirror: HgMirror, access: HgAccess, signal: AbortSignal): Promise<HgListing> {
    const listing = await mirror.fetch(access, signal);
    this.admitted.add(`${mirror.directory} ${fingerprint(repository)}`);
    this.tell(mirror, listing.refused);
    return listing;
  }

  /** The changeset out of the mirror, to whoever may see it; the host is asked for one that is not there. Throws `not-found`. */
  private async ensure(repository: Repository, mirror: HgMirror, access: HgAccess, commit: string, signal: AbortSignal): Promise<HgCommit> {
    const admitted = this.admitted.has(`${mirror.directory} ${fingerprint(repository)}`);
    const here = admitted ? await mirror.find(commit, signal) : null;
    if (here !== null) return here;
    await this.list(repository, mirror, access, signal);
    const brought = await mirror.find(commit, signal);
    if (brought === null) throw notThere(mirror.url, commit);
    return brought;
  }

  private tell(mirror: HgMirror, refused: readonly string[]): void {
    for (const name of refused) {
      const key = `${mirror.directory} ${name}`;
      if (this.told.has(key)) continue;
      this.told.add(key);
      this.context.logger.warn('a branch, bookmark or tag has a name that cannot be built', { url: mirror.url.text, name });
    }
  }
}

/** The change that a changeset is, named as it was asked for. `before` is unknown here. */
function changeOf(url: HgUrl, target: Target, { id, branch, message, author, committedAt }: HgCommit): Change {
  const known = { before: null, pullRequest: null, repository: repositoryName(url) };
  const { tag } = target;
  return { kind: tag === null ? 'push' : 'tag', branch: target.branch ?? branch, tag, commit: id, message, author, committedAt, ...known };
}

function notThere(url: HgUrl, commit: string): PluginError {
  return new PluginError('not-found', `${url.text}: changeset ${commit} is not to be had (any more): was it stripped, or never pushed?`);
}

function unreadable(url: HgUrl, failure: HgFailure): PluginError {
  return new PluginError(
    'unavailable',
    `${url.text}: our copy of it cannot be read; a damaged one is made anew at the next push. hg says: ${failure.detail}`,
    {
      cause: failure,
    },
  );
}

/** Mercurial would fetch them while it makes the archive: by itself, from wherever the changeset says, local paths included. */
async function assertNoSubrepositories(mirror: HgMirror, commit: string, signal: AbortSignal): Promise<void> {
  const [text = ''] = (await readTexts(mirror, commit, ['.hgsub'], signal)).values();
  if (!/^[^[#;\s].*=/m.test(text)) return;
  throw new PluginError(
    'unsupported',
    `${mirror.url.text}: subrepositories (.hgsub) are not fetched. Ask for none, in .terrarium.yml by checkout: {submodules: false}, in .travis.yml by git: {submodules: false}; a job can clone them itself.`,
  );
}

function archiveName(url: HgUrl, commit: string): string {
  const key = createHash('sha256').update(url.text).digest('hex').slice(0, 16);
  return `source-${commit}-${key}.tar`;
}

function isMissing(error: unknown): false {
  if (error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')) return false;
  throw error;
}
