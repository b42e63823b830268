import { z } from 'zod';
import { dataCenterPullRequest, repositoryOf, userOf } from './data-center-shapes.ts';
import type { FakeBitbucket } from './fake-bitbucket.ts';
import { Unexpected, expectQuery, reads, writes, type FakeCall, type FakeRoute } from './fake-routes.ts';
import type { FakeHook, FakePermission, FakePullRequest, FakeRepository, FakeUser } from './fake-state.ts';

const PAGING = ['start', 'limit'];
const HookBody = z.strictObject({
  name: z.string().min(1),
  url: z.url(),
  active: z.boolean(),
  events: z.array(z.string()).min(1),
  configuration: z.strictObject({ secret: z.string().min(1) }),
  sslVerificationRequired: z.boolean(),
});
const StatusBody = z.strictObject({
  key: z.string().min(1).max(255),
  parent: z.string().min(1).max(255),
  state: z.enum(['INPROGRESS', 'SUCCESSFUL', 'FAILED', 'CANCELLED', 'UNKNOWN']),
  name: z.string().max(255),
  description: z.string().max(255),
  url: z.url().max(450),
  duration: z.number().int().nonnegative().optional(),
});
const CommentBody = z.strictObject({ text: z.string().min(1) });
const LEVELS = new Map<string, readonly FakePermission[]>([
  ['REPO_READ', ['read', 'write', 'admin']],
  ['REPO_WRITE', ['write', 'admin']],
  ['REPO_ADMIN', ['admin']],
]);

/** The part of Data Center's REST `api/latest` that we use, as developer.atlassian.com/server/bitbucket/rest describes it. */
export function dataCenterRoutes(host: FakeBitbucket): readonly FakeRoute[] {
  const within: Within = ({ params: [owner = '', slug = ''] }) => host.find(owner, slug);
  const repository = String.raw`/projects/([^/]+)/repos/([^/]+)`;
  return [
    reads(/^\/repos$/, [...PAGING, 'permission'], ({ query }) => {
      expectQuery(query, 'permission', ['REPO_READ', 'REPO_WRITE', 'REPO_ADMIN']);
      return pageOf(
        host,
        query,
        host.repositories.map((each) => ({ ...repositoryOf(each), description: each.description })),
      );
    }),
    reads(
      /^\/users$/,
      [...PAGING, 'filter', 'group', 'permission.1', 'permission.1.projectKey', 'permission.1.repositorySlug'],
      ({ query }) => pageOf(host, query, host.users.filter((user) => isMeant(host, user, query)).map(userOf)),
      { anonymous: false },
    ),
    writes('POST', new RegExp(`^${repository}/commits/([0-9a-f]{40})/builds$`), StatusBody, 204, async (call) => {
      const [, , commit = ''] = call.params;
      await host.putStatus(within(call), commit, call.body);
    }),
    ...hookRoutes(host, within, repository),
    ...pullRequestRoutes(host, within, repository),
  ];
}

type Within = (call: Pick<FakeCall, 'params'>) => FakeRepository;

function isMeant(host: FakeBitbucket, user: FakeUser, query: URLSearchParams): boolean {
  const group = query.get('group');
  const permission = query.get('permission.1');
  if (!`${user.name} (display)`.toLowerCase().includes((query.get('filter') ?? '').toLowerCase())) return false;
  if (group !== null && !host.membersOf(group).includes(user)) return false;
  if (permission === null) return true;
  const levels = LEVELS.get(permission);
  if (levels === undefined) throw new Unexpected(`permission.1=${permission}`);
  const found = host.find(query.get('permission.1.projectKey') ?? '', query.get('permission.1.repositorySlug') ?? '');
  return levels.some((level) => level === found.permissions.get(user));
}

function hookRoutes(host: FakeBitbucket, within: Within, repository: string): FakeRoute[] {
  const many = new RegExp(`^${repository}/webhooks$`);
  const one = new RegExp(`^${repository}/webhooks/(\\d+)$`);
  return [
    reads(many, PAGING, (call) => pageOf(host, call.query, within(call).hooks.map(hookOf)), { anonymous: false }),
    writes('POST', many, HookBody, 201, (call) => {
      const hook: FakeHook = { id: String(host.number()), ...fieldsOf(call.body) };
      within(call).hooks.push(hook);
      return hookOf(hook);
    }),
    writes('PUT', one, HookBody, 200, (call) => hookOf(Object.assign(host.hookOf(within(call), call.params[2]), fieldsOf(call.body)))),
    reads(one, [], (call) => host.removeHook(within(call), call.params[2]), { method: 'DELETE', status: 204 }),
  ];
}

function pullRequestRoutes(host: FakeBitbucket, within: Within, repository: string): FakeRoute[] {
  const one = `^${repository}/pull-requests/(\\d+)`;
  return [
    reads(new RegExp(`^${repository}/pull-requests$`), [...PAGING, 'state', 'order', 'role.1', 'username.1'], (call) => {
      expectQuery(call.query, 'state', ['OPEN', 'MERGED', 'DECLINED', 'ALL']);
      expectQuery(call.query, 'order', ['NEWEST', 'OLDEST']);
      expectQuery(call.query, 'role.1', ['AUTHOR', 'REVIEWER', 'PARTICIPANT']);
      const found = within(call).pullRequests.filter((each) => fits(host, each, call.query));
      return pageOf(host, call.query, found.toReversed().map(dataCenterPullRequest));
    }),
    reads(new RegExp(`${one}$`), [], (call) => dataCenterPullRequest(host.pullRequestOf(within(call), call.params[2]))),
    writes('POST', new RegExp(`${one}/comments$`), CommentBody, 201, (call) => {
      host.pullRequestOf(within(call), call.params[2]).comments.push({ by: null, text: call.body.text });
      return { id: 1, version: 0, text: call.body.text };
    }),
  ];
}

function fits(host: FakeBitbucket, { state, author }: FakePullRequest, query: URLSearchParams): boolean {
  if (host.ignoresFilters) return true;
  const name = query.get('username.1');
  return state === (query.get('state') ?? 'OPEN') && (name === null || author.name === name);
}

function fieldsOf({ url, active, events, configuration }: z.infer<typeof HookBody>): Omit<FakeHook, 'id'> {
  return { url, active, events, secret: configuration.secret };
}

function hookOf({ id, url, active, events }: FakeHook): object {
  return { id: Number(id), name: 'Terrarium', url, active, events, configuration: {}, sslVerificationRequired: true };
}

function pageOf(host: FakeBitbucket, query: URLSearchParams, values: readonly unknown[]): object {
  const limit = Math.min(Number(query.get('limit') ?? '25'), host.pageLength);
  const start = Number(query.get('start') ?? '0');
  const isLastPage = start + limit >= values.length;
  return {
    values: values.slice(start, start + limit),
    size: values.length,
    start,
    limit,
    isLastPage,
    nextPageStart: isLastPage ? null : start + limit,
  };
}
