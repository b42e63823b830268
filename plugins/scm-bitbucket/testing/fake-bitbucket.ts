import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { once } from 'node:events';
import type { Server } from 'node:http';
import { git } from '#plugins/kit/testing/git-host';
import type { z } from 'zod';
import type { BitbucketConfig } from '../config.ts';
import { FakeProblem } from './fake-routes.ts';
import { FakeRepository, type FakeHook, type FakePullRequest, type FakeStatus, type FakeUser } from './fake-state.ts';

export type Flavour = 'cloud' | 'data-center';

/**
 * A Bitbucket in memory, with real git repositories behind it: what a test holds in its hands. It answers the published interface and nothing else: `close` throws
 * if anything was asked that this does not have.
 */
export class FakeBitbucket {
  readonly flavour: Flavour;
  /** `http://127.0.0.1:PORT`. */
  readonly url: string;
  readonly users: FakeUser[] = [];
  readonly repositories: FakeRepository[] = [];
  /** The `Authorization` headers that it takes, for the API and for git. */
  readonly accepted = new Set<string>();
  /** Every request of the API so far: `GET /repositories/ada/demo`. */
  readonly requests: string[] = [];
  /** How many a page holds at most. */
  pageLength = 2;
  /** What `next` begins with; null: as it should. */
  nextBase: string | null = null;
  /** Cloud: whether it gives out everything, whatever it was asked for. */
  ignoresFilters = false;
  /** What every request of the API is answered with; null: properly. */
  trouble: { status: number; headers?: Record<string, string>; body?: string } | null = null;
  /** Answers no request of the API any more, but keeps the connections. */
  silent = false;
  /** What was asked for that the published interface does not have. */
  readonly unexpected: string[] = [];
  readonly root: string;
  private readonly server: Server;
  private readonly groups = new Map<string, FakeUser[]>();
  private count = 0;

  constructor(flavour: Flavour, url: string, root: string, server: Server) {
    this.flavour = flavour;
    this.url = url;
    this.root = root;
    this.server = server;
  }

  get apiUrl(): string {
    return `${this.url}${this.flavour === 'cloud' ? '/2.0' : '/rest/api/latest'}`;
  }

  /** The configuration of an instance for it. */
  get config(): z.input<typeof BitbucketConfig> {
    return { flavour: this.flavour, webUrl: this.url, apiUrl: this.apiUrl };
  }

  /** The next of its numbers. */
  number(): number {
    this.count += 1;
    return this.count;
  }

  createUser(name: string): FakeUser {
    const id = this.number();
    const user = { name, id, uuid: `{${randomUUID()}}`, accountId: id.toString(16).padStart(24, '0') };
    this.users.push(user);
    return user;
  }

  /** Takes a token for the API, and with any user name for git. */
  acceptToken(token: string): void {
    this.accepted.add(`Bearer ${token}`);
    this.acceptPassword('x-token-auth', token);
  }

  acceptPassword(user: string, password: string): void {
    this.accepted.add(`Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`);
  }

  async createRepository(owner: string, slug: string, options: { readonly isPrivate?: boolean } = {}): Promise<FakeRepository> {
    const place = this.flavour === 'cloud' ? `${owner}/${slug}.git` : `scm/${owner.toLowerCase()}/${slug}.git`;
    const made = await FakeRepository.create(this.root, place, { owner, slug, isPrivate: options.isPrivate ?? false });
    this.repositories.push(made);
    return made;
  }

  async fork(repository: FakeRepository, owner: string, options: { readonly isPrivate?: boolean } = {}): Promise<FakeRepository> {
    const made = await this.createRepository(owner, repository.slug, options);
    await made.copy(repository);
    return made;
  }

  /** Takes a repository away; its pull requests stay where they go to. */
  async remove(repository: FakeRepository): Promise<void> {
    this.repositories.splice(this.repositories.indexOf(repository), 1);
    for (const each of this.repositories.flatMap(({ pullRequests }) => pullRequests)) if (each.from === repository) each.from = null;
    await rm(repository.folder, { recursive: true });
  }

  /** The URL that people clone it by. */
  cloneUrl({ owner, slug }: FakeRepository): string {
    return this.flavour === 'cloud' ? `${this.url}/${owner}/${slug}.git` : `${this.url}/scm/${owner.toLowerCase()}/${slug}.git`;
  }

  /** Puts somebody into a workspace or group. */
  join(group: string, user: FakeUser): void {
    this.groups.set(group, [...this.membersOf(group), user]);
  }

  membersOf(group: string): readonly FakeUser[] {
    return this.groups.get(group) ?? [];
  }

  /** Who has repositories here. */
  owners(): readonly string[] {
    return [...new Set(this.repositories.map(({ owner }) => owner))];
  }

  /** Opens a pull request; tells nobody. */
  async openPullRequest(
    wish: Omit<FakePullRequest, 'number' | 'head' | 'state' | 'comments' | 'from'> & { readonly from: FakeRepository },
  ): Promise<FakePullRequest> {
    const number = wish.to.pullRequests.length + 1;
    const request: FakePullRequest = { ...wish, number, head: '', state: 'OPEN', comments: [] };
    wish.to.pullRequests.push(request);
    await this.look(request);
    return request;
  }

  /** Makes a pull request follow its branch, as the host does after a push. */
  async look(request: FakePullRequest): Promise<void> {
    const { from, to, branch, number } = request;
    const head = from?.branches.get(branch);
    if (!from || head === undefined) throw new Error(`there is no branch ${branch} to open a pull request from`);
    request.head = head;
    if (this.flavour === 'data-center')
      await git(to.folder, 'fetch', '--quiet', from.folder, `+refs/heads/${branch}:refs/pull-requests/${number}/from`);
  }

  find(owner: string, slug: string): FakeRepository {
    const same = (one: string, other: string): boolean => one.toLowerCase() === other.toLowerCase();
    const found = this.repositories.find((each) => same(each.owner, owner) && same(each.slug, slug));
    if (found === undefined) throw new FakeProblem(404, `Repository ${owner}/${slug} does not exist.`);
    return found;
  }

  hookOf(repository: FakeRepository, id: string | undefined): FakeHook {
    const found = repository.hooks.find((hook) => hook.id === id);
    if (found === undefined) throw new FakeProblem(404, 'There is no such webhook.');
    return found;
  }

  removeHook(repository: FakeRepository, id: string | undefined): void {
    repository.hooks.splice(repository.hooks.indexOf(this.hookOf(repository, id)), 1);
  }

  pullRequestOf(repository: FakeRepository, number: string | undefined): FakePullRequest {
    const found = repository.pullRequests.find((each) => each.number === Number(number));
    if (found === undefined) throw new FakeProblem(404, 'There is no such pull request.');
    return found;
  }

  async putStatus(repository: FakeRepository, commit: string, status: FakeStatus): Promise<FakeStatus> {
    if ((await repository.find(commit)) === null) throw new FakeProblem(404, `Commit ${commit} does not exist.`);
    const known = repository.statuses.get(commit) ?? new Map<string, FakeStatus>();
    repository.statuses.set(commit, known.set(status.key, status));
    return status;
  }

  /** Stops it, and throws if anything was asked for that a Bitbucket does not have. */
  async close(): Promise<void> {
    this.server.close();
    this.server.closeAllConnections();
    await once(this.server, 'close');
    await rm(this.root, { recursive: true, force: true });
    if (this.unexpected.length > 0) throw new Error(`The fake Bitbucket was asked for what there is not:\n${this.unexpected.join('\n')}`);
  }
}
