import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { accountOf, cloudPullRequest, repositoryOf } from './cloud-shapes.ts';
import type { FakeBitbucket } from './fake-bitbucket.ts';
import { FakeProblem, Unexpected, expectQuery, reads, writes, type FakeCall, type FakeRoute } from './fake-routes.ts';
import type { FakeHook, FakePullRequest, FakeRepository } from './fake-state.ts';

const PAGING = ['pagelen', 'page'];
const HookBody = z.strictObject({
  description: z.string(),
  url: z.url(),
  secret: z.string().min(1),
  active: z.boolean(),
  events: z.array(z.string()).min(1),
});
const StatusBody = z.strictObject({
  key: z.string().min(1).max(40),
  state: z.enum(['INPROGRESS', 'SUCCESSFUL', 'FAILED', 'STOPPED']),
  name: z.string().max(255),
  description: z.string().max(255),
  url: z.url(),
  refname: z.string().min(1).optional(),
});
const CommentBody = z.strictObject({ content: z.strictObject({ raw: z.string().min(1) }) });

/** The part of Bitbucket Cloud's REST 2.0 that we use, as developer.atlassian.com/cloud/bitbucket/rest describes it. */
export function cloudRoutes(host: FakeBitbucket): readonly FakeRoute[] {
  const within = ({ params: [owner = '', slug = ''] }: Pick<FakeCall, 'params'>): FakeRepository => host.find(owner, slug);
  const page = (call: FakeCall, path: string, values: readonly unknown[]): object => pageOf(host, call.query, path, values);
  const repository = String.raw`/repositories/([^/]+)/([^/]+)`;
  return [
    reads(
      /^\/user\/workspaces$/,
      PAGING,
      (call) =>
        page(
          call,
          '/user/workspaces',
          host.owners().map((slug) => ({ type: 'workspace_access', workspace: { type: 'workspace_base', slug } })),
        ),
      { anonymous: false },
    ),
    reads(/^\/users\/([^/]+)$/, [], ({ params: [id] }) => {
      const user = host.users.find(({ uuid, accountId }) => uuid === id || accountId === id);
      if (user === undefined) throw new FakeProblem(404, 'No such account');
      return accountOf(user);
    }),
    reads(/^\/workspaces\/([^/]+)\/members$/, PAGING, (call) => {
      const [workspace = ''] = call.params;
      return page(
        call,
        `/workspaces/${workspace}/members`,
        host.membersOf(workspace).map((user) => ({ user: accountOf(user) })),
      );
    }),
    reads(/^\/workspaces\/([^/]+)\/members\/([^/]+)$/, [], ({ params: [workspace = '', id] }) => {
      const user = host.membersOf(workspace).find(({ uuid }) => uuid === id);
      if (user === undefined) throw new FakeProblem(404, 'No such member');
      return { type: 'workspace_membership', user: accountOf(user) };
    }),
    reads(
      /^\/workspaces\/([^/]+)\/permissions\/repositories\/([^/]+)$/,
      [...PAGING, 'q'],
      (call) => {
        const found = within(call);
        const wanted = /^user\.uuid="(\{[0-9a-f-]+\})"$/.exec(call.query.get('q') ?? '')?.[1];
        if (wanted === undefined) throw new Unexpected(`q=${call.query.get('q')}`);
        const rows = [...found.permissions].filter(([{ uuid }]) => uuid === wanted || host.ignoresFilters);
        const values = rows.map(([user, permission]) => ({ permission, user: accountOf(user), repository: repositoryOf(host, found) }));
        return page(call, `/workspaces/${found.owner}/permissions/repositories/${found.slug}`, values);
      },
      { anonymous: false },
    ),
    reads(/^\/repositories\/([^/]+)$/, [...PAGING, 'role'], (call) => {
      expectQuery(call.query, 'role', ['member', 'contributor', 'admin', 'owner']);
      const [owner = ''] = call.params;
      const found = host.repositories.filter((each) => each.owner === owner);
      return page(
        call,
        `/repositories/${owner}`,
        found.map((each) => ({ ...repositoryOf(host, each), description: each.description })),
      );
    }),
    reads(new RegExp(`^${repository}/commit/([0-9a-f]+)$`), [], async (call) => {
      const [, , id = ''] = call.params;
      const hash = await within(call).find(id);
      if (hash === null) throw new FakeProblem(404, `Commit not found: ${id}`);
      return { type: 'commit', hash };
    }),
    writes('POST', new RegExp(`^${repository}/commit/([0-9a-f]{40})/statuses/build$`), StatusBody, 201, async (call) => {
      const [, , commit = ''] = call.params;
      return host.putStatus(within(call), commit, call.body);
    }),
    ...hookRoutes(host, within, page, repository),
    ...pullRequestRoutes(host, within, page, repository),
  ];
}

type Within = (call: Pick<FakeCall, 'params'>) => FakeRepository;
type Page = (call: FakeCall, path: string, values: readonly unknown[]) => object;

function hookRoutes(host: FakeBitbucket, within: Within, page: Page, repository: string): FakeRoute[] {
  const many = new RegExp(`^${repository}/hooks$`);
  const one = new RegExp(`^${repository}/hooks/([^/]+)$`);
  return [
    reads(many, PAGING, (call) => page(call, `/repositories/${within(call).fullName}/hooks`, within(call).hooks.map(hookOf)), { anonymous: false }),
    writes('POST', many, HookBody, 201, (call) => {
      const { url, secret, active, events } = call.body;
      const hook: FakeHook = { id: `{${randomUUID()}}`, url, secret, active, events };
      within(call).hooks.push(hook);
      return hookOf(hook);
    }),
    writes('PUT', one, HookBody, 200, (call) => {
      const { url, secret, active, events } = call.body;
      return hookOf(Object.assign(host.hookOf(within(call), call.params[2]), { url, secret, active, events }));
    }),
    reads(one, [], (call) => host.removeHook(within(call), call.params[2]), { method: 'DELETE', status: 204 }),
  ];
}

function pullRequestRoutes(host: FakeBitbucket, within: Within, page: Page, repository: string): FakeRoute[] {
  const one = `^${repository}/pullrequests/(\\d+)`;
  return [
    reads(new RegExp(`^${repository}/pullrequests$`), [...PAGING, 'state', 'q', 'sort'], (call) => {
      expectQuery(call.query, 'state', ['OPEN', 'MERGED', 'DECLINED', 'SUPERSEDED']);
      expectQuery(call.query, 'sort', ['-created_on']);
      const found = within(call);
      const values = found.pullRequests.filter((each) => fits(host, each, call.query)).toReversed();
      return page(
        call,
        `/repositories/${found.fullName}/pullrequests`,
        values.map((each) => cloudPullRequest(host, each)),
      );
    }),
    reads(new RegExp(`${one}$`), [], (call) => cloudPullRequest(host, host.pullRequestOf(within(call), call.params[2]))),
    writes('POST', new RegExp(`${one}/comments$`), CommentBody, 201, (call) => {
      host.pullRequestOf(within(call), call.params[2]).comments.push({ by: null, text: call.body.content.raw });
      return { type: 'pullrequest_comment', id: 1, content: { raw: call.body.content.raw } };
    }),
  ];
}

function fits(host: FakeBitbucket, { state, author }: FakePullRequest, query: URLSearchParams): boolean {
  const q = query.get('q');
  const [, wanted, uuid] = q === null ? [] : (/^state="([A-Z]+)" AND author\.uuid="(\{[0-9a-f-]+\})"$/.exec(q) ?? []);
  if (q !== null && uuid === undefined) throw new Unexpected(`q=${q}`);
  if (host.ignoresFilters) return true;
  return state === (wanted ?? query.get('state') ?? 'OPEN') && (uuid === undefined || author.uuid === uuid);
}

function hookOf({ id, url, active, events, secret }: FakeHook): object {
  return { type: 'webhook_subscription', uuid: id, url, description: 'Terrarium', active, events, secret_set: secret !== null };
}

function pageOf(host: FakeBitbucket, query: URLSearchParams, path: string, values: readonly unknown[]): object {
  const length = Math.min(Number(query.get('pagelen') ?? '10'), host.pageLength);
  const page = Number(query.get('page') ?? '1');
  const rest = new URLSearchParams(query);
  rest.set('page', String(page + 1));
  const next = page * length < values.length ? { next: `${host.nextBase ?? host.apiUrl}${path}?${rest.toString()}` } : {};
  return { values: values.slice((page - 1) * length, page * length), page, pagelen: length, size: values.length, ...next };
}
