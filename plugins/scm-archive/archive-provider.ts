import { createHash } from 'node:crypto';
import {
  isPluginError,
  PluginError,
  type Change,
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
import { assertCommitId, assertRef } from '#plugins/kit/git-ref';
import { assertAllowed } from '#plugins/kit/local-folders';
import { SharedWork } from '#plugins/kit/shared-work';
import { readTexts } from './archive-files.ts';
import { type ArchiveUrl, isArchiveUrl, parseArchiveUrl } from './archive-url.ts';
import type { ArchiveConfig } from './config.ts';
import { download } from './download.ts';

const MEGABYTE = 1024 * 1024;
const REFUSED_MS = 3_600_000;

/** What is in the one folder of an archive is the work tree; where there is more than that, all of it is. Owners named in it mean nothing (`-o`). */
const SCRIPT = `set -e
top=$TERRARIUM_FOLDER/unpacked
mkdir "$top"
tar -C "$top" -xzof "$TERRARIUM_FOLDER/source.tar.gz"
rm -f "$TERRARIUM_FOLDER/source.tar.gz"
chmod -R u+w "$top"
count=0
for entry in "$top"/* "$top"/.[!.]* "$top"/..?*; do
  if [ -e "$entry" ] || [ -L "$entry" ]; then count=$((count + 1)) only=$entry; fi
done
if [ "$count" -eq 1 ] && [ -d "$only" ] && [ ! -L "$only" ]; then from=$only; else from=$top; fi
for entry in "$from"/* "$from"/.[!.]* "$from"/..?*; do
  if [ -e "$entry" ] || [ -L "$entry" ]; then mv "$entry" .; fi
done
rm -rf "$top"`;

/**
 * Archives of sources behind URLs that hold their checksums. Such a repository has one revision, called by the checksum, and one branch, called by the file: another release is another URL.
 */
export class ArchiveProvider implements ScmProvider, Extension {
  private readonly context: PluginContext<ArchiveConfig>;
  private readonly archives: ArchiveStore;
  private readonly fetching = new SharedWork<string>();
  /** What was there under a URL was not what it says: so it is not fetched again for a while. */
  private readonly refused = new Map<string, { readonly error: PluginError; readonly until: number }>();

  constructor(context: PluginContext<ArchiveConfig>) {
    this.context = context;
    this.archives = new ArchiveStore(context.folder, context.config.archiveMegabytes * MEGABYTE);
  }

  matches(url: string): boolean {
    return isArchiveUrl(url);
  }

  /** By its checksum, wherever it is. */
  identify(url: string): string | null {
    return isArchiveUrl(url) ? `sha256:${parseArchiveUrl(url).sha256}` : null;
  }

  async refs(repository: Repository, signal: AbortSignal): Promise<{ readonly refs: readonly Ref[]; readonly defaultBranch: string | null }> {
    signal.throwIfAborted();
    const archive = parseArchiveUrl(repository.url);
    await this.fetch(archive, repository, signal);
    return { refs: [{ kind: 'branch', name: archive.name, commit: archive.sha256 }], defaultBranch: archive.name };
  }

  async resolve(repository: Repository, ref: string | null, signal: AbortSignal): Promise<Change> {
    if (ref !== null) assertRef(ref);
    const archive = parseArchiveUrl(repository.url);
    if (ref !== null && ![archive.name, `refs/heads/${archive.name}`, archive.sha256].includes(ref))
      throw new PluginError('not-found', `An archive has one branch and one revision, ${archive.name} and ${archive.sha256}: there is no ${ref}.`);
    await this.fetch(archive, repository, signal);
    return changeOf(archive);
  }

  /** A pull request is `unsupported`: there is nobody who could make one. */
  async change(repository: Repository, revision: Revision, signal: AbortSignal): Promise<Change> {
    if (revision.kind === 'pull-request') throw new PluginError('unsupported', 'An archive has no pull requests.');
    assertRef(revision.name);
    assertCommitId(revision.commit);
    return await this.resolve(repository, revision.commit, signal);
  }

  async readFiles(repository: Repository, commit: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    return await readTexts(await this.file(repository, commit, signal), paths, signal);
  }

  /** There is neither history nor anything like submodules: no option changes anything. */
  async checkout(repository: Repository, change: Change, _options: unknown, signal: AbortSignal): Promise<CheckoutPlan> {
    const from = await this.file(repository, change.commit, signal);
    return { files: [{ from, name: 'source.tar.gz' }], script: SCRIPT, variables: {}, title: `unpack ${parseArchiveUrl(repository.url).name}` };
  }

  /** Stops what is being fetched and waits for it. */
  async close(): Promise<void> {
    await this.fetching.close(new PluginError('unavailable', 'The server is shutting down.'));
  }

  /** The archive that a commit is. Throws `not-found` for any other. */
  private async file(repository: Repository, commit: string, signal: AbortSignal): Promise<string> {
    assertCommitId(commit);
    const archive = parseArchiveUrl(repository.url);
    if (commit !== archive.sha256) throw new PluginError('not-found', `${archive.name} is ${archive.sha256}: there is no ${commit}.`);
    return await this.fetch(archive, repository, signal);
  }

  /** The archive out of the store, to whoever has what it was fetched with; else it is fetched. */
  private async fetch(archive: ArchiveUrl, repository: Repository, signal: AbortSignal): Promise<string> {
    signal.throwIfAborted();
    if (archive.file !== null) await assertAllowed(archive.file, this.context.config.localFolders);
    const name = storedName(archive, repository);
    const kept = await this.archives.find(name);
    if (kept !== null) return kept;
    const refused = this.refused.get(name);
    if (refused !== undefined && Date.now() < refused.until) throw refused.error;
    return await this.fetching.run(name, (own) => this.make(name, archive, repository, own), signal);
  }

  private async make(name: string, archive: ArchiveUrl, { credentials }: Repository, signal: AbortSignal): Promise<string> {
    const { timeoutSeconds, largestMegabytes } = this.context.config;
    const limits = { timeoutMs: timeoutSeconds * 1000, bytes: largestMegabytes * MEGABYTE };
    try {
      const file = await this.archives.make(name, (work) => download(archive, credentials, work, limits, signal));
      this.refused.delete(name);
      return file;
    } catch (error) {
      if (isPluginError(error, 'invalid')) this.refused.set(name, { error, until: Date.now() + REFUSED_MS });
      throw error;
    }
  }
}

/** Of an archive, its place and what opens it: whoever has other credentials is not given what these have brought. */
function storedName({ sha256, url, file }: ArchiveUrl, repository: Repository): string {
  const key = createHash('sha256')
    .update(`${url?.href ?? file} ${fingerprint(repository)}`)
    .digest('hex');
  return `source-${sha256}-${key.slice(0, 16)}.tar.gz`;
}

function changeOf({ name, sha256, url }: ArchiveUrl): Change {
  const known = { tag: null, before: null, committedAt: null, pullRequest: null };
  return { ...known, kind: 'push', branch: name, commit: sha256, message: name, author: url?.host ?? 'this computer', repository: name };
}
