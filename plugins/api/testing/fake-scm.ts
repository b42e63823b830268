import { createHash } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import {
  PluginError,
  type Change,
  type CheckoutPlan,
  type PullRequest,
  type Ref,
  type Repository,
  type Revision,
  type ScmProvider,
} from '../index.ts';

/** Texts by path. */
export type FakeFiles = Readonly<Record<string, string>>;

interface FakeCommit {
  readonly id: string;
  readonly message: string;
  readonly files: FakeFiles;
}

const LARGEST_FILE = 1024 * 1024;
const MOST_FILES = 30;

/** One repository at the fake host; its methods are what somebody with a clone could do. */
export class FakeRepository {
  readonly branches = new Map<string, string>();
  readonly tags = new Map<string, string>();
  readonly commits = new Map<string, FakeCommit>();

  /** Puts a commit with exactly `files` on the branch; returns its id. */
  commit(branch: string, files: FakeFiles, message = 'a change'): string {
    const parent = this.branches.get(branch) ?? '';
    const id = createHash('sha1')
      .update(JSON.stringify([parent, files, message]))
      .digest('hex');
    this.commits.set(id, { id, message, files });
    this.branches.set(branch, id);
    return id;
  }
}

/** The code host behind `FakeScm`: what a test controls it by. */
export class FakeScmHost {
  private readonly repositories = new Map<string, FakeRepository>();

  /** Makes an empty repository at a URL that begins with `fake://`. */
  create(url: string): FakeRepository {
    const repository = new FakeRepository();
    this.repositories.set(url, repository);
    return repository;
  }

  /** The repository at `url`; throws `not-found`. */
  find(url: string): FakeRepository {
    const repository = this.repositories.get(url);
    if (repository === undefined) throw new PluginError('not-found', `There is no repository at ${url}: check the URL.`);
    return repository;
  }
}

/** A code host in memory that keeps every rule of `ScmProvider`. `folder` takes the files that checkouts upload. */
export class FakeScm implements ScmProvider {
  private readonly host: FakeScmHost;
  private readonly folder: string;

  constructor(host: FakeScmHost, folder: string) {
    this.host = host;
    this.folder = folder;
  }

  matches(url: string): boolean {
    return /^fake:\/\/[a-z]+\/[a-z/]+$/.test(url);
  }

  identify(url: string): string | null {
    return this.matches(url) ? url.slice('fake://'.length) : null;
  }

  async refs(repository: Repository, signal: AbortSignal): Promise<{ refs: readonly Ref[]; defaultBranch: string | null }> {
    signal.throwIfAborted();
    const found = this.open(repository);
    const branches = [...found.branches].map(([name, commit]): Ref => ({ kind: 'branch', name, commit }));
    const tags = [...found.tags].map(([name, commit]): Ref => ({ kind: 'tag', name, commit }));
    return { refs: [...branches, ...tags], defaultBranch: branches[0]?.name ?? null };
  }

  async resolve(repository: Repository, ref: string | null, signal: AbortSignal): Promise<Change> {
    if (ref !== null && !isPlausibleRef(ref)) throw new PluginError('invalid', 'That is no branch, tag or commit id.');
    const { defaultBranch } = await this.refs(repository, signal);
    const found = this.open(repository);
    const [, kind, short] = /^refs\/(heads|tags)\/(.+)$/.exec(ref ?? '') ?? [];
    const name = short ?? ref ?? defaultBranch ?? '';
    const head = kind === 'tags' ? undefined : found.branches.get(name);
    const tag = kind !== 'heads' && head === undefined && found.tags.has(name) ? name : null;
    const commit = this.commitOf(found, head ?? found.tags.get(tag ?? '') ?? name);
    const whose = head === undefined && tag === null ? ownerOf(found, commit, defaultBranch) : { branch: tag ?? name, tag };
    return { ...changeOf(repository, commit), kind: whose.tag === null ? 'push' : 'tag', ...whose };
  }

  async change(repository: Repository, revision: Revision, signal: AbortSignal): Promise<Change> {
    signal.throwIfAborted();
    const found = this.open(repository);
    if (revision.kind === 'pull-request')
      return requestedChange(repository, this.commitOf(found, revision.pullRequest.headCommit), revision.pullRequest);
    if (!isPlausibleRef(revision.name) || !/^[0-9a-f]{40}$/.test(revision.commit))
      throw new PluginError('invalid', 'That is no branch, tag or commit id.');
    const tag = revision.kind === 'tag' ? revision.name : null;
    return { ...changeOf(repository, this.commitOf(found, revision.commit)), kind: tag === null ? 'push' : 'tag', branch: revision.name, tag };
  }

  async readFiles(repository: Repository, commit: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    signal.throwIfAborted();
    const { files } = this.commitOf(this.open(repository), commit);
    const names = paths.flatMap((wanted) => (wanted.includes('*') ? allMeant(wanted, Object.keys(files)) : [wanted]));
    const found = names.flatMap((name) => (Object.hasOwn(files, name) ? [[name, files[name] ?? ''] as const] : []));
    const large = found.find(([, text]) => Buffer.byteLength(text) > LARGEST_FILE);
    if (large) throw new PluginError('invalid', `${large[0]} is larger than 1 MB.`);
    return new Map(found);
  }

  async checkout(repository: Repository, change: Change, _options: unknown, signal: AbortSignal): Promise<CheckoutPlan> {
    signal.throwIfAborted();
    const { id, files } = this.commitOf(this.open(repository), change.commit);
    const uploads = Object.keys(files).map((name) => ({ from: path.join(this.folder, id, name), name: `fake-source/${name}` }));
    for (const [name, text] of Object.entries(files)) await put(path.join(this.folder, id, name), text);
    return { files: uploads, script: 'cp -R "$TERRARIUM_FOLDER/fake-source/." .', variables: {}, title: `fake checkout ${id.slice(0, 7)}` };
  }

  private open(repository: Repository): FakeRepository {
    if (!this.matches(repository.url)) throw new PluginError('invalid', 'The URL is none of the fake host: it begins with fake://.');
    return this.host.find(repository.url);
  }

  private commitOf(repository: FakeRepository, id: string): FakeCommit {
    const commit = repository.commits.get(id);
    if (commit === undefined) throw new PluginError('not-found', `There is no ${id === '' ? 'commit yet' : id} in the repository.`);
    return commit;
  }
}

function allMeant(wanted: string, files: readonly string[]): string[] {
  const found = files.filter((name) => isMeant(wanted, name)).toSorted();
  if (found.length > MOST_FILES) throw new PluginError('invalid', `More than ${MOST_FILES} files are called ${wanted}.`);
  return found;
}

function changeOf(repository: Repository, commit: FakeCommit): Change {
  const name = repository.url.replace(/^fake:\/\//, '');
  const fixed = { kind: 'push', before: null, pullRequest: null, author: 'Ada', committedAt: '2026-01-02T03:04:05.000Z' } as const;
  return { ...fixed, branch: '', tag: null, commit: commit.id, message: commit.message, repository: name };
}

function requestedChange(repository: Repository, commit: FakeCommit, request: PullRequest): Change {
  const { number, title, author, baseBranch, baseCommit, headBranch, headCommit, headRepository, headRef, headUrl } = request;
  const pullRequest = { number, title, author, baseCommit, headBranch, headCommit, headRepository: headRepository ?? '', headRef, headUrl };
  return { ...changeOf(repository, commit), kind: 'pull-request', branch: baseBranch, pullRequest };
}

function isPlausibleRef(ref: string): boolean {
  return ref !== '' && !ref.startsWith('-') && !/[\u0000-\u0020\u007f~^:?*[\\]|\.\.|@\{|\/\/|\.lock$|\/$/.test(ref);
}

async function put(file: string, text: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  await writeFile(file, text);
}

/** Whether a file is one of those that `FOLDER/BEFORE*AFTER` stands for. */
function isMeant(pattern: string, name: string): boolean {
  const [before = '', after = ''] = pattern.split('*');
  const rest = name.slice(before.length);
  return name.startsWith(before) && rest.endsWith(after) && rest.length >= after.length && !rest.includes('/');
}

/** Whose a commit is that is asked for by its id: a branch's whose head it is, else a tag's; what neither stands for is in the history of the default branch here. */
function ownerOf({ branches, tags }: FakeRepository, { id }: FakeCommit, defaultBranch: string | null): { branch: string; tag: string | null } {
  const named = (refs: ReadonlyMap<string, string>): string | undefined => [...refs].find(([, commit]) => commit === id)?.[0];
  const branch = named(branches);
  const tag = branch === undefined ? (named(tags) ?? null) : null;
  return { branch: branch ?? tag ?? defaultBranch ?? '', tag };
}
