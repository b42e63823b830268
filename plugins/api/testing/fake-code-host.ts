import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import {
  type Contributor,
  type Delivery,
  HostEvent,
  type HostPermission,
  type People,
  PluginError,
  type PullRequest,
  type PullRequests,
  type Repository,
  type StatusReport,
  type Statuses,
  type Webhooks,
} from '../index.ts';
import { type FakeFiles, FakeScm, FakeScmHost } from './fake-scm.ts';

/** What a test controls a `FakeCodeHost` by, and sees of it. */
export class FakeHostController extends FakeScmHost {
  /** Accounts by name. */
  readonly accounts = new Map<string, Contributor>();
  /** Permissions by account id; whoever is not in it may read. */
  readonly permissions = new Map<string, HostPermission>();
  /** `GROUP ID` of members. */
  readonly members = new Set<string>();
  /** Ids of those who have had something merged. */
  readonly merged = new Set<string>();
  /** Pull requests by number, as they stand now. */
  readonly requests = new Map<number, PullRequest>();
  /** How often it was asked for one of them. */
  asked = 0;
  /** All reports, in the order in which they came. */
  readonly reports: StatusReport[] = [];
  /** What the next calls of its interface throw, one each. */
  readonly failures: PluginError[] = [];

  account(name: string, permission: HostPermission = 'read'): Contributor {
    const account = { id: String(this.accounts.size + 1), name };
    this.accounts.set(name, account);
    this.permissions.set(account.id, permission);
    return account;
  }

  /** A call of a hook that tells an event, signed as it should be. */
  delivery(event: HostEvent, secret: string, id = `${Math.random()}`): Delivery {
    const body = Buffer.from(JSON.stringify({ id, event }));
    return { body, headers: { 'x-fake-id': id, 'x-fake-signature': signatureOf(body, secret) } };
  }
}

/** A pull request by somebody, as it stands from now on: another commit of it, to a branch of the repository. Its head is in the repository itself. */
export function fakePullRequest(
  host: FakeHostController,
  url: string,
  author: Contributor,
  files: FakeFiles,
  changed: Partial<PullRequest> = {},
): PullRequest {
  const repository = host.find(url);
  const number = changed.number ?? 1;
  const headCommit = repository.commit(`request-${number}`, files, `by ${author.name}`);
  repository.branches.delete(`request-${number}`);
  const request: PullRequest = {
    number,
    title: 'A request',
    author,
    baseBranch: 'main',
    baseCommit: repository.branches.get('main') ?? null,
    headBranch: 'topic',
    headCommit,
    headRepository: `${author.name}/fork`,
    headRef: null,
    headUrl: null,
    isOpen: true,
    webUrl: null,
    ...changed,
  };
  host.requests.set(number, request);
  return request;
}

const Sent = z.object({ event: HostEvent });

/** A code host in memory that can all that hosts can: it calls hooks, knows people, and is told of statuses. */
export class FakeCodeHost extends FakeScm {
  readonly webhooks: Webhooks;
  readonly statuses: Statuses;
  readonly people: People;
  readonly pullRequests: PullRequests;

  constructor(controller: FakeHostController, folder: string, secret: string | null = null) {
    super(controller, folder);
    this.webhooks = webhooksOf(secret);
    this.statuses = {
      report: async (_repository, report, signal) => {
        fail(controller, signal);
        controller.reports.push(report);
      },
    };
    this.people = peopleOf(controller);
    this.pullRequests = pullRequestsOf(controller);
  }
}

function webhooksOf(secret: string | null): Webhooks {
  return {
    secret,
    verify({ headers, body }, secrets) {
      const given = Buffer.from(headers['x-fake-signature'] ?? '');
      const isGood = secrets.some((one) => {
        const expected = Buffer.from(signatureOf(body, one));
        return expected.length === given.length && timingSafeEqual(expected, given);
      });
      if (!isGood) throw new PluginError('unauthorized', 'The signature is missing or wrong: see that both sides have the same secret.');
    },
    idOf: ({ headers }) => headers['x-fake-id'] ?? null,
    nameOf: (delivery) => parseSent(delivery).kind,
    parse: parseSent,
  };
}

function parseSent({ body }: Delivery): HostEvent {
  try {
    return Sent.parse(JSON.parse(Buffer.from(body).toString('utf8'))).event;
  } catch {
    // Whatever is wrong with it: it cannot be read, and that is what is to be said.
    return { kind: 'ignored', reason: 'it cannot be read' };
  }
}

function peopleOf(host: FakeHostController): People {
  return {
    find: async (name, signal) => {
      fail(host, signal);
      return host.accounts.get(name) ?? null;
    },
    permission: async (_repository: Repository, who, signal) => {
      fail(host, signal);
      return host.permissions.get(who.id ?? '') ?? 'read';
    },
    isMember: async (_repository, group, who, signal) => {
      fail(host, signal);
      return host.members.has(`${group} ${who.id ?? ''}`);
    },
    hasMerged: async (_repository, who, signal) => {
      fail(host, signal);
      return host.merged.has(who.id ?? '');
    },
  };
}

function pullRequestsOf(host: FakeHostController): PullRequests {
  return {
    get: async (_repository, number, signal) => {
      fail(host, signal);
      host.asked += 1;
      const request = host.requests.get(number);
      if (request === undefined) throw new PluginError('not-found', `There is no pull request ${number}.`);
      return request;
    },
    open: async (_repository, signal) => {
      fail(host, signal);
      return [...host.requests.values()].filter(({ isOpen }) => isOpen).toReversed();
    },
  };
}

function fail(host: FakeHostController, signal: AbortSignal): void {
  signal.throwIfAborted();
  const failure = host.failures.shift();
  if (failure !== undefined) throw failure;
}

function signatureOf(body: Uint8Array, secret: string): string {
  return createHmac('sha256', secret).update(body).digest('hex');
}
