import { createHmac, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import path from 'node:path';
import { Workshop, git, temporaryFolder } from '#plugins/kit/testing/git-host';
import { FakeFront, type Answered, type Scripted } from './fake-front.ts';
import { commentPayload, pullRequestPayload, pushPayload, rerequestedPayload, type Pushed } from './fake-payloads.ts';
import {
  ALL_PERMISSIONS,
  FakeState,
  type FakeAccount,
  type FakeCheckRun,
  type FakeInstallation,
  type FakeOrganization,
  type FakePull,
  type FakeRepository,
} from './fake-state.ts';

/** A delivery to be sent by hand. */
export interface Sent {
  readonly url: string;
  readonly secret: string;
  readonly event: string;
  readonly payload: unknown;
  /** GitHub's other way to send: a form. */
  readonly isForm?: boolean;
  readonly id?: string;
}

/**
 * A GitHub on this computer, as an own server has it: web and git at `url`, the API at `url/api/v3`. Git is real; the API is strict: a request that it does not
 * expect is answered with 500, and `close` throws. This is what a test controls it by; `state` is all that it holds.
 */
export class FakeGithub {
  readonly url: string;
  readonly state = new FakeState();
  private readonly folder: string;
  private readonly front: FakeFront;
  private readonly stop: () => Promise<void>;

  constructor(url: string, folder: string, server: Server, stop: () => Promise<void>) {
    this.url = url;
    this.folder = folder;
    this.front = new FakeFront(this.state, url, folder);
    this.stop = stop;
    server.on('request', (request, response) => this.front.take(request, response));
  }

  get apiUrl(): string {
    return `${this.url}/api/v3`;
  }

  /** Requests to the API so far, as `POST /repos/ada/demo/hooks`, and who made them. */
  get requests(): readonly Answered[] {
    return this.front.requests;
  }

  /** How many requests there may still be before the limit; null: no limit. Resets in an hour. */
  set remaining(count: number | null) {
    this.front.remaining = count;
  }

  /** Answers the next request that fits thus, whatever it is about. */
  script(scripted: Scripted): void {
    this.front.scripted.push(scripted);
  }

  addUser(login: string, type: FakeAccount['type'] = 'User'): FakeAccount {
    const account: FakeAccount = { id: this.state.nextId(), login, type };
    this.state.accounts.set(login.toLowerCase(), account);
    return account;
  }

  addOrganization(login: string): FakeOrganization {
    const organization: FakeOrganization = { account: this.addUser(login, 'Organization'), members: new Map(), teams: new Map() };
    this.state.organizations.set(login.toLowerCase(), organization);
    return organization;
  }

  /** A token of a user. */
  token(login: string): string {
    const token = `ghp_${randomUUID()}`;
    this.state.tokens.set(token, { kind: 'user', login });
    return token;
  }

  /** An empty repository. */
  async createRepository(fullName: string, { isPrivate = false, description = null as string | null } = {}): Promise<FakeRepository> {
    const [owner = '', name = ''] = fullName.split('/');
    if (this.state.account(owner) === null) this.addUser(owner);
    const id = this.state.nextId();
    const workshop = await Workshop.create(this.folder, path.join(String(id), 'tree'));
    const empty = { collaborators: new Map(), hooks: [], statuses: [], checkRuns: [], pulls: new Map() };
    const repository: FakeRepository = { id, owner, name, isPrivate, description, workshop, ...empty };
    this.state.repositories.push(repository);
    return repository;
  }

  /** Its old name leads to the new one. */
  rename(repository: FakeRepository, name: string): void {
    this.state.renamed.set(`${repository.owner}/${repository.name}`.toLowerCase(), repository);
    repository.name = name;
  }

  install(owner: string, permissions: FakeInstallation['permissions'] = ALL_PERMISSIONS): FakeInstallation {
    const installation = { id: this.state.nextId(), owner, repositories: null, permissions, isSuspended: false };
    this.state.installations.push(installation);
    return installation;
  }

  /** A pull request from a fork: its head is at `refs/pull/NUMBER/head` and on no branch. */
  async openPullRequest(
    repository: FakeRepository,
    author: FakeAccount,
    files: Readonly<Record<string, string>>,
    { number = repository.pulls.size + 1, title = 'a proposal' } = {},
  ): Promise<FakePull> {
    const { workshop } = repository;
    const baseCommit = await git(workshop.folder, 'rev-parse', 'main');
    const headCommit = await this.putHead(repository, number, files);
    const headRepository = `${author.login}/${repository.name}`;
    const head = { headBranch: 'proposal', headCommit, headRepository };
    const pull: FakePull = { number, title, author, base: 'main', baseCommit, ...head, state: 'open', isMerged: false, comments: [] };
    repository.pulls.set(number, pull);
    return pull;
  }

  /** Another commit for a pull request; the one before stays reachable by its id. */
  async pushToPullRequest(repository: FakeRepository, pull: FakePull, files: Readonly<Record<string, string>>): Promise<string> {
    pull.headCommit = await this.putHead(repository, pull.number, files);
    return pull.headCommit;
  }

  /** Calls every hook of the repository that wants the event, and the App's, each with its own secret. Returns their answers' status codes. */
  async emit(repository: FakeRepository, event: string, payload: unknown): Promise<number[]> {
    const { app } = this.state;
    const own = repository.hooks
      .filter((hook) => hook.active && (hook.events.includes(event) || hook.events.includes('*')))
      .map(({ config }) => ({ url: config.url, secret: config.secret, isForm: config.content_type === 'form' }));
    const installed = this.state.installationFor(repository.owner) !== null && app.hookUrl !== null;
    const all = installed ? [...own, { url: app.hookUrl ?? '', secret: app.webhookSecret, isForm: false }] : own;
    return await Promise.all(all.map(async (target) => (await this.send({ ...target, event, payload })).status));
  }

  async emitPush(repository: FakeRepository, pushed: Pushed): Promise<number[]> {
    return await this.emit(repository, 'push', pushPayload(repository, pushed, this.url));
  }

  async emitPullRequest(repository: FakeRepository, pull: FakePull, action: string, sender: FakeAccount | null = pull.author): Promise<number[]> {
    if (sender === null) throw new Error('somebody must have sent it');
    return await this.emit(repository, 'pull_request', pullRequestPayload(repository, pull, action, sender, this.url));
  }

  async emitComment(repository: FakeRepository, pull: FakePull, by: FakeAccount, body: string): Promise<number[]> {
    return await this.emit(repository, 'issue_comment', commentPayload(repository, pull, by, body, this.url));
  }

  async emitRerequested(repository: FakeRepository, run: FakeCheckRun, by: FakeAccount): Promise<number[]> {
    return await this.emit(repository, 'check_run', rerequestedPayload(repository, run, by, this.url));
  }

  /** Sends one delivery, signed as GitHub signs. */
  async send({ url, secret, event, payload, isForm = false, id = randomUUID() }: Sent): Promise<Response> {
    const { headers, body } = signedDelivery({ secret, event, payload, isForm, id });
    return await fetch(url, { method: 'POST', headers, body });
  }

  /** Throws if anything was asked for that was not expected. */
  async close(): Promise<void> {
    await this.stop();
    const { unexpected } = this.front;
    if (unexpected.length > 0) throw new Error(`The fake GitHub was asked for what nobody expected:\n${unexpected.join('\n')}`);
  }

  private async putHead({ workshop }: FakeRepository, number: number, files: Readonly<Record<string, string>>): Promise<string> {
    const commit = await workshop.commit(`proposal-${number}`, files, `proposal ${number}`);
    await git(workshop.folder, 'update-ref', `refs/pull/${number}/head`, commit);
    await git(workshop.folder, 'checkout', '--quiet', '--force', 'main', '--');
    await git(workshop.folder, 'branch', '-D', `proposal-${number}`);
    return commit;
  }
}

/** Headers (small letters) and body of a delivery as GitHub sends it. */
export function signedDelivery({ secret, event, payload, isForm = false, id = randomUUID() }: Omit<Sent, 'url'>): {
  readonly headers: Record<string, string>;
  readonly body: string;
} {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload);
  const body = isForm ? new URLSearchParams({ payload: text }).toString() : text;
  const headers = {
    'content-type': isForm ? 'application/x-www-form-urlencoded' : 'application/json',
    'user-agent': 'GitHub-Hookshot/fake',
    'x-github-delivery': id,
    'x-github-event': event,
    'x-hub-signature': `sha1=${createHmac('sha1', secret).update(body).digest('hex')}`,
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  };
  return { headers, body };
}

/** Starts one at a free port of this computer. */
export async function startFakeGithub(): Promise<FakeGithub> {
  const { folder, remove } = await temporaryFolder();
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server has no port');
  return new FakeGithub(`http://127.0.0.1:${address.port}`, folder, server, async () => {
    server.close();
    server.closeAllConnections();
    await once(server, 'close');
    await remove();
  });
}
