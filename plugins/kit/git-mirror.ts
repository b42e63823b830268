import { createHash } from 'node:crypto';
import path from 'node:path';
import { PluginError, isPluginError } from '#plugins/api';
import { settingArguments, type GitAccess, type GitAccessDesk } from './git-access.ts';
import { GitFailure, explainGit } from './git-errors.ts';
import { parseListing, type GitListing } from './git-listing.ts';
import { countPacks, discardRepository, dropTags, hasFetched, isShallow, makeRepository, removeLocks } from './git-mirror-files.ts';
import { ObjectReader, parseCommit, type CommitInfo } from './git-objects.ts';
import type { GitProgram } from './git-process.ts';
import type { GitUrl } from './git-url.ts';
import { Turnstile } from './shared-work.ts';
import { walkHistory } from './git-history.ts';

/** A commit that is wanted, and a ref that is likely to lead to it, for hosts that give out refs only. */
export interface Wanted {
  readonly commit: string;
  readonly ref: string | null;
  /** The repository to ask instead of the mirrored one: that which a pull request comes from. */
  readonly from?: Origin;
}

/** A repository to fetch from, and git made ready for it. */
export interface Origin {
  readonly url: GitUrl;
  readonly access: GitAccess;
}

const EVERYTHING = 2_147_483_647;
const STALE_LOCK = /\.lock'?: File exists|Unable to create '.*\.lock'/i;
const TAG_CONFLICT = /cannot lock ref|unable to update local ref|local refs could not be updated|would clobber/i;
const DAMAGE =
  /bad object|corrupt|unable to read [0-9a-f]|missing (?:blob|tree|commit|necessary objects)|unable to parse object|did not send all necessary objects|invalid index-pack output|shallow file/i;
const REFUSED = /not our ref|unadvertised object|no such remote ref|couldn't find remote ref|not a valid object/i;
const REMEMBERED_COMMITS = 2000;
const PACKS_PER_INDEX = 32;

/**
 * A bare repository of ours that holds what was fetched from one URL. Nothing in it is ever checked out or executed. Its folder holds
 * `git` (the repository) and `home` (git's global configuration for it).
 */
export class GitMirror {
  readonly url: GitUrl;
  readonly git: GitProgram;
  /** The bare repository. */
  readonly directory: string;
  readonly home: string;
  /** What the host offered when it was asked last; null before. */
  listing: GitListing | null = null;
  private readonly desk: GitAccessDesk;
  private readonly turns = new Turnstile();
  private readonly commits = new Map<string, CommitInfo>();
  private readonly depths = new Map<string, number>();
  private ready: Promise<void> | null = null;

  constructor(git: GitProgram, desk: GitAccessDesk, folder: string, url: GitUrl) {
    this.git = git;
    this.desk = desk;
    this.url = url;
    this.directory = path.join(folder, 'git');
    this.home = path.join(folder, 'home');
  }

  /** Asks the host what it offers now: one process. */
  async list(access: GitAccess, signal: AbortSignal): Promise<GitListing> {
    await this.prepare();
    const args = [...settingArguments(access), 'ls-remote', '--symref', '--', this.url.text];
    const output = await this.talk(() => this.git.run({ args, cwd: this.home, env: access.env, secrets: access.secrets }, signal));
    this.listing = parseListing(output.toString('utf8'));
    return this.listing;
  }

  /**
   * Makes sure that a commit is here with `depth` generations (null: all), and returns it. Asks the host only for what is missing.
   * Throws `not-found` when the host does not give it out, `invalid` when the id is that of something else.
   */
  async ensure(access: GitAccess, wanted: Wanted, depth: number | null, signal: AbortSignal): Promise<CommitInfo> {
    const known = this.known(wanted.commit, depth);
    if (known) return known;
    await this.prepare();
    return this.turns.run(async () => this.known(wanted.commit, depth) ?? (await this.complete(access, wanted, depth, signal)), signal);
  }

  /** What git needs to work in the mirror without talking to anybody. */
  async local(extra: Record<string, string> = {}): Promise<{ cwd: string; env: Record<string, string> }> {
    await this.prepare();
    return { cwd: this.home, env: { ...(await this.desk.environment(this.home)), ...extra } };
  }

  /** A reader of its objects; the caller closes it. */
  async reader(signal: AbortSignal): Promise<ObjectReader> {
    return new ObjectReader(this.git, await this.local(), this.directory, signal);
  }

  /** Whether a commit is one of the last `depth` generations that lead to `head`, as far as they are here. */
  async isWithin(commit: string, head: string, depth: number, signal: AbortSignal): Promise<boolean> {
    const reader = await this.reader(signal);
    try {
      return (await walkHistory(reader, head, depth)).commits.has(commit);
    } finally {
      await reader.close();
    }
  }

  private known(commit: string, depth: number | null): CommitInfo | undefined {
    return (this.depths.get(commit) ?? 0) >= (depth ?? Infinity) ? this.commits.get(commit) : undefined;
  }

  private async complete(access: GitAccess, wanted: Wanted, depth: number | null, signal: AbortSignal): Promise<CommitInfo> {
    await makeRepository(this.directory, wanted.commit);
    const reader = await this.reader(signal);
    try {
      const here = await this.lookUp(reader, wanted.commit, depth, false);
      if (here) return here;
      await this.fetchHealing(access, wanted, depth, signal);
      await this.indexPacks(signal);
      const fetched = await this.lookUp(reader, wanted.commit, depth, true);
      if (fetched) return fetched;
    } finally {
      await reader.close();
    }
    const where = wanted.ref === null ? 'the repository' : wanted.ref;
    throw new PluginError(
      'not-found',
      `${(wanted.from ?? this).url.text}: commit ${wanted.commit} is not to be had from ${where} (any more): was it force-pushed?`,
    );
  }

  /** The commit, if it is here with that depth. Right after a fetch the depth need not be looked at: the host sent what it has. */
  private async lookUp(reader: ObjectReader, commit: string, depth: number | null, fetched: boolean): Promise<CommitInfo | null> {
    const [object] = await reader.read([commit]);
    if (!object) return null;
    if (object.type !== 'commit') throw new PluginError('invalid', `${commit} is no commit but a ${object.type}: there is nothing to build.`);
    const deep = fetched || (depth === null ? !(await isShallow(this.directory)) : !(await walkHistory(reader, commit, depth)).cut);
    if (!deep) return null;
    return this.remember(parseCommit(object), depth);
  }

  private remember(commit: CommitInfo, depth: number | null): CommitInfo {
    if (this.commits.size >= REMEMBERED_COMMITS) {
      this.commits.clear();
      this.depths.clear();
    }
    this.commits.set(commit.id, commit);
    this.depths.set(commit.id, Math.max(this.depths.get(commit.id) ?? 0, depth ?? Infinity));
    return commit;
  }

  private async fetchHealing(access: GitAccess, wanted: Wanted, depth: number | null, signal: AbortSignal): Promise<void> {
    const origin = wanted.from ?? { url: this.url, access };
    try {
      await this.fetch(origin, wanted, depth, signal);
    } catch (error) {
      await removeLocks(this.directory);
      if (!(error instanceof GitFailure) || !(await this.heal(error, wanted.commit)))
        throw error instanceof GitFailure ? explainGit(error, origin.url.text) : error;
      await this.talk(() => this.fetch(origin, wanted, depth, signal), origin.url);
    }
  }

  /** Fetches the commit itself; hosts that give out refs only are asked for the ref. */
  private async fetch({ url, access }: Origin, wanted: Wanted, depth: number | null, signal: AbortSignal): Promise<void> {
    // Tags are the mirrored repository's to give: those of another one are not let in.
    const own = url.text === this.url.text;
    const target = `refs/terrarium/${hash(`${own ? '' : `${url.text} `}${wanted.ref ?? wanted.commit}`)}`;
    const run = async (source: string): Promise<void> => {
      const options = ['--quiet', '--no-recurse-submodules', '--update-shallow', ...(own ? [] : ['--no-tags']), ...(await this.depthOption(depth))];
      const args = [`--git-dir=${this.directory}`, ...settingArguments(access), 'fetch', ...options, '--', url.text, `+${source}:${target}`];
      await this.git.run({ args, cwd: this.home, env: access.env, secrets: access.secrets }, signal);
    };
    try {
      await run(wanted.commit);
    } catch (error) {
      if (!(error instanceof GitFailure) || !REFUSED.test(error.detail) || wanted.ref === null) throw error;
      await run(wanted.ref);
    }
  }

  /** Every fetch leaves a pack, and looking into many is slow: one index over all of them helps, without moving what others read. */
  private async indexPacks(signal: AbortSignal): Promise<void> {
    if ((await countPacks(this.directory)) % PACKS_PER_INDEX !== 0) return;
    const args = [`--git-dir=${this.directory}`, 'multi-pack-index', 'write'];
    await this.talk(async () => this.git.run({ ...(await this.local()), args }, signal));
  }

  /** A mirror that has everything stays so: giving a depth would cut it off again. */
  private async depthOption(depth: number | null): Promise<string[]> {
    const shallow = await isShallow(this.directory);
    const fresh = !(await hasFetched(this.directory));
    if (depth === null) return shallow ? [`--depth=${EVERYTHING}`] : [];
    return shallow || fresh ? [`--depth=${depth}`] : [];
  }

  /** Mends what a failed fetch complains about; whether trying again makes sense. */
  private async heal(error: GitFailure, commit: string): Promise<boolean> {
    if (STALE_LOCK.test(error.detail)) return true;
    if (TAG_CONFLICT.test(error.detail)) {
      await dropTags(this.directory);
      return true;
    }
    if (!DAMAGE.test(error.detail)) return false;
    await discardRepository(this.directory);
    await makeRepository(this.directory, commit);
    this.commits.clear();
    this.depths.clear();
    return true;
  }

  private prepare(): Promise<void> {
    this.ready ??= this.desk.writeHome(this.home, this.url).then(() => removeLocks(this.directory));
    return this.ready;
  }

  private async talk<T>(work: () => Promise<T>, url = this.url): Promise<T> {
    try {
      return await work();
    } catch (error) {
      if (isPluginError(error) || !(error instanceof GitFailure)) throw error;
      throw explainGit(error, url.text);
    }
  }
}

function hash(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 40);
}
