import { randomUUID } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { Workshop, git } from '#plugins/kit/testing/git-host';

/** Somebody with an account. */
export interface FakeUser {
  /** Nickname (Cloud) or user name (Data Center). */
  name: string;
  /** Cloud: in braces. */
  readonly uuid: string;
  /** Cloud. */
  readonly accountId: string;
  /** Data Center. */
  readonly id: number;
}

/** A webhook as the host keeps it, secret included. */
export interface FakeHook {
  readonly id: string;
  url: string;
  secret: string | null;
  active: boolean;
  events: readonly string[];
}

export type FakePermission = 'read' | 'write' | 'admin';

/** A build status as it was sent. */
export type FakeStatus = Readonly<Record<string, unknown>> & { readonly key: string; readonly state: string };

export interface FakePullRequest {
  readonly number: number;
  title: string;
  readonly author: FakeUser;
  /** Null when it was deleted. */
  from: FakeRepository | null;
  readonly branch: string;
  readonly to: FakeRepository;
  base: string;
  /** The head of `branch` when the host looked last; empty: it names none (Cloud). */
  head: string;
  state: 'OPEN' | 'MERGED' | 'DECLINED';
  readonly comments: { readonly by: FakeUser | null; readonly text: string }[];
}

/** A repository at the fake host: a bare one on disk, and what the host keeps beside it. */
export class FakeRepository {
  readonly owner: string;
  readonly slug: string;
  readonly isPrivate: boolean;
  /** The bare repository. */
  readonly folder: string;
  description = '';
  readonly branches = new Map<string, string>();
  readonly hooks: FakeHook[] = [];
  /** By commit, in the order of their keys' first report. */
  readonly statuses = new Map<string, Map<string, FakeStatus>>();
  readonly permissions = new Map<FakeUser, FakePermission>();
  readonly pullRequests: FakePullRequest[] = [];
  private readonly workshop: Workshop;

  private constructor(owner: string, slug: string, isPrivate: boolean, folder: string, workshop: Workshop) {
    this.owner = owner;
    this.slug = slug;
    this.isPrivate = isPrivate;
    this.folder = folder;
    this.workshop = workshop;
  }

  /** Makes an empty one at `place` below `root`, where the git server looks for it. */
  static async create(root: string, place: string, name: { owner: string; slug: string; isPrivate: boolean }): Promise<FakeRepository> {
    const folder = path.join(root, 'git', place);
    await mkdir(folder, { recursive: true });
    await git(folder, 'init', '--quiet', '--bare');
    const workshop = await Workshop.create(path.join(root, 'work'), randomUUID());
    return new FakeRepository(name.owner, name.slug, name.isPrivate, folder, workshop);
  }

  get fullName(): string {
    return `${this.owner}/${this.slug}`;
  }

  /** Begins with everything that another one has. */
  async copy(from: FakeRepository): Promise<void> {
    await git(this.folder, 'fetch', '--quiet', from.folder, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*');
    for (const [branch, commit] of from.branches) this.branches.set(branch, commit);
    const [first] = from.branches.keys();
    await git(this.workshop.folder, 'fetch', '--quiet', '--update-head-ok', from.folder, '+refs/heads/*:refs/heads/*');
    if (first !== undefined) await git(this.workshop.folder, 'checkout', '--quiet', '--force', first);
  }

  /** Publishes a commit with exactly these files on the branch; returns its id. Tells nobody. */
  async commit(branch: string, files: Readonly<Record<string, string>>, message = 'a change'): Promise<string> {
    const commit = await this.workshop.commit(branch, files, message);
    await git(this.workshop.folder, 'push', '--quiet', '--force', this.folder, `HEAD:refs/heads/${branch}`);
    this.branches.set(branch, commit);
    return commit;
  }

  /** Publishes an annotated tag; returns the id of the tag itself. */
  async tag(name: string, commit: string): Promise<string> {
    await git(this.workshop.folder, 'tag', '-a', '-m', name, name, commit);
    await git(this.workshop.folder, 'push', '--quiet', this.folder, `refs/tags/${name}`);
    return git(this.workshop.folder, 'rev-parse', `refs/tags/${name}`);
  }

  /** The full id of a commit, or of what begins so; null if there is none. */
  async find(commit: string): Promise<string | null> {
    return git(this.folder, 'rev-parse', '--verify', '--quiet', `${commit}^{commit}`).catch(() => null);
  }
}
