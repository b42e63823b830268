import { z } from 'zod';
import { bodyOf, forRepository, json, NOT_FOUND, page, problem, Unexpected, type Answer, type Ask, type Route } from './fake-routes.ts';
import { accountShape, checkRunShape, hookShape, pullShape, repositoryShape } from './fake-shapes.ts';
import type { FakeCheckRun, FakeHook, FakeRepository } from './fake-state.ts';

const HOOKS = { permission: 'repository_hooks', level: 'write', user: 'admin', hides: true } as const;
const STATUSES = { permission: 'statuses', level: 'write', user: 'write' } as const;
const CHECKS = { permission: 'checks', level: 'write', user: 'write' } as const;
const PULLS = { permission: 'pull_requests', level: 'read', user: 'read' } as const;
const METADATA = { permission: 'metadata', level: 'read', user: 'write' } as const;
/** GitHub's limit for one commit and context. */
const MOST_STATUSES = 1000;

const HookBody = z.strictObject({
  name: z.literal('web').optional(),
  active: z.boolean(),
  events: z.array(z.string()).min(1),
  config: z.strictObject({ url: z.url(), content_type: z.enum(['json', 'form']), secret: z.string().min(1), insecure_ssl: z.literal('0') }),
});

const StatusBody = z.strictObject({
  state: z.enum(['error', 'failure', 'pending', 'success']),
  context: z.string().min(1).max(255),
  description: z.string().max(140),
  target_url: z.url(),
});

const Annotation = z.strictObject({
  path: z.string().min(1),
  start_line: z.number().int().positive(),
  end_line: z.number().int().positive(),
  annotation_level: z.enum(['notice', 'warning', 'failure']),
  title: z.string().max(255),
  message: z
    .string()
    .min(1)
    .refine((text) => Buffer.byteLength(text) <= 65_536),
});

const CheckRunContent = {
  details_url: z.url(),
  status: z.enum(['queued', 'in_progress', 'completed']),
  conclusion: z.enum(['success', 'failure', 'cancelled', 'action_required']).optional(),
  started_at: z.iso.datetime({ offset: true }).optional(),
  completed_at: z.iso.datetime({ offset: true }).optional(),
  output: z.strictObject({
    title: z.string().min(1).max(255),
    summary: z.string().min(1).max(65_535),
    annotations: z.array(Annotation).max(50).optional(),
  }),
  actions: z.array(z.strictObject({ label: z.string().max(20), description: z.string().max(40), identifier: z.string().max(20) })).max(3),
};
const NewCheckRun = z.strictObject({ name: z.string().min(1), head_sha: z.string().length(40), external_id: z.string(), ...CheckRunContent });
const ChangedCheckRun = z.strictObject(CheckRunContent);

/** Hooks, statuses, check runs and pull requests of a repository. */
export const REPOSITORY_ROUTES: readonly Route[] = [
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}',
    answer: forRepository({ ...METADATA, user: 'read' }, (repository, { webUrl }) => json(200, repositoryShape(repository, webUrl))),
  },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/hooks',
    query: ['per_page', 'page'],
    answer: forRepository(HOOKS, ({ hooks }, ask) => page(ask, hooks, (some) => some.map(hookShape))),
  },
  { method: 'POST', path: '/repos/{owner}/{repo}/hooks', answer: forRepository(HOOKS, createHook) },
  { method: 'PATCH', path: '/repos/{owner}/{repo}/hooks/{id}', answer: forRepository(HOOKS, changeHook) },
  { method: 'DELETE', path: '/repos/{owner}/{repo}/hooks/{id}', answer: forRepository(HOOKS, deleteHook) },
  { method: 'POST', path: '/repos/{owner}/{repo}/statuses/{sha}', answer: forRepository(STATUSES, createStatus) },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/commits/{ref}/check-runs',
    query: ['check_name', 'app_id', 'filter'],
    answer: forRepository({ ...CHECKS, level: 'read' }, listCheckRuns),
  },
  { method: 'POST', path: '/repos/{owner}/{repo}/check-runs', answer: forRepository(CHECKS, createCheckRun) },
  { method: 'PATCH', path: '/repos/{owner}/{repo}/check-runs/{id}', answer: forRepository(CHECKS, changeCheckRun) },
  {
    method: 'GET',
    path: '/repos/{owner}/{repo}/pulls',
    query: ['state', 'sort', 'direction', 'per_page', 'page'],
    answer: forRepository(PULLS, listPulls),
  },
  { method: 'GET', path: '/repos/{owner}/{repo}/pulls/{number}', answer: forRepository(PULLS, getPull) },
  {
    method: 'POST',
    path: '/repos/{owner}/{repo}/issues/{number}/comments',
    answer: forRepository({ ...PULLS, level: 'write' }, createComment),
  },
  { method: 'GET', path: '/repos/{owner}/{repo}/collaborators/{username}/permission', answer: forRepository(METADATA, collaborator) },
];

function createHook(repository: FakeRepository, ask: Ask): Answer {
  const { active, events, config } = bodyOf(ask, HookBody.required({ name: true }));
  if (repository.hooks.some((hook) => hook.config.url === config.url))
    return problem(422, 'Validation Failed', [{ resource: 'Hook', code: 'custom', message: 'Hook already exists on this repository' }]);
  const hook: FakeHook = { id: ask.state.nextId(), name: 'web', active, events, config };
  repository.hooks.push(hook);
  return json(201, hookShape(hook));
}

function changeHook({ hooks }: FakeRepository, ask: Ask): Answer {
  const hook = hooks.find(({ id }) => String(id) === ask.params['id']);
  if (hook === undefined) return NOT_FOUND;
  const { active, events, config } = bodyOf(ask, HookBody.omit({ name: true }));
  Object.assign(hook, { active, events, config });
  return json(200, hookShape(hook));
}

function deleteHook({ hooks }: FakeRepository, { params }: Ask): Answer {
  const index = hooks.findIndex(({ id }) => String(id) === params['id']);
  if (index < 0) return NOT_FOUND;
  hooks.splice(index, 1);
  return { status: 204 };
}

function createStatus(repository: FakeRepository, ask: Ask): Answer {
  const status = { ...bodyOf(ask, StatusBody), sha: ask.params['sha'] ?? '' };
  const before = repository.statuses.filter(({ sha, context }) => sha === status.sha && context === status.context);
  if (before.length >= MOST_STATUSES)
    return problem(422, 'Validation Failed', [
      { resource: 'Status', code: 'custom', message: 'This SHA and context has reached the maximum number of statuses.' },
    ]);
  if (/^f+$/.test(status.sha)) return problem(422, `No commit found for SHA: ${status.sha}`);
  repository.statuses.push(status);
  return json(201, { id: ask.state.nextId(), ...status });
}

function listCheckRuns({ checkRuns }: FakeRepository, { params, query }: Ask): Answer {
  if (query.get('filter') !== 'latest') throw new Unexpected('check runs are asked for with filter=latest');
  const found = checkRuns.filter(
    (run) => run.head_sha === params['ref'] && run.name === query.get('check_name') && String(run.appId) === query.get('app_id'),
  );
  const latest = found.slice(-1);
  return json(200, { total_count: latest.length, check_runs: latest.map(checkRunShape) });
}

function createCheckRun(repository: FakeRepository, ask: Ask): Answer {
  if (ask.caller.kind !== 'installation') return problem(403, 'You must authenticate via a GitHub App.');
  const body = bodyOf(ask, NewCheckRun);
  if (hasForeignPath(body)) return FOREIGN_PATH;
  const { name, head_sha, external_id } = body;
  const run: FakeCheckRun = { id: ask.state.nextId(), appId: ask.state.app.id, name, head_sha, external_id, annotations: [], ...contentOf(body) };
  run.annotations.push(...(body.output.annotations ?? []));
  repository.checkRuns.push(run);
  return json(201, checkRunShape(run));
}

function changeCheckRun({ checkRuns }: FakeRepository, ask: Ask): Answer {
  if (ask.caller.kind !== 'installation') return problem(403, 'You must authenticate via a GitHub App.');
  const run = checkRuns.find(({ id }) => String(id) === ask.params['id']);
  if (run === undefined) return NOT_FOUND;
  const body = bodyOf(ask, ChangedCheckRun);
  if (hasForeignPath(body)) return FOREIGN_PATH;
  const content = contentOf(body);
  if (run.status === 'completed' && content.status !== 'completed') throw new Unexpected('a check run that is over is not begun again');
  Object.assign(run, content);
  run.annotations.push(...(body.output.annotations ?? []));
  return json(200, checkRunShape(run));
}

const FOREIGN_PATH = problem(422, 'Invalid request.', [{ resource: 'CheckRun', code: 'custom', message: 'Path is not in the repository' }]);

function hasForeignPath({ output }: z.infer<typeof ChangedCheckRun>): boolean {
  return output.annotations?.some(({ path }) => path.startsWith('/')) ?? false;
}

function contentOf(body: z.infer<typeof ChangedCheckRun>): Omit<FakeCheckRun, 'id' | 'appId' | 'name' | 'head_sha' | 'external_id' | 'annotations'> {
  const { status, conclusion = null, details_url, started_at = null, completed_at = null, actions } = body;
  const output = { title: body.output.title, summary: body.output.summary };
  if ((status === 'completed') !== (conclusion !== null)) throw new Unexpected('a conclusion goes with the status completed, and only with that');
  return { status, conclusion, details_url, started_at, completed_at, output, actions };
}

function listPulls(repository: FakeRepository, ask: Ask): Answer {
  const { query, webUrl } = ask;
  if (query.get('sort') !== 'created' || query.get('direction') !== 'desc') throw new Unexpected('pull requests are asked for newest first');
  const found = [...repository.pulls.values()]
    .filter(({ state }) => state === query.get('state'))
    .toSorted((one, other) => other.number - one.number);
  return page(ask, found, (some) => some.map((pull) => pullShape(repository, pull, webUrl)));
}

function getPull(repository: FakeRepository, { params, webUrl }: Ask): Answer {
  const pull = repository.pulls.get(Number(params['number']));
  return pull === undefined ? NOT_FOUND : json(200, pullShape(repository, pull, webUrl));
}

function createComment({ pulls }: FakeRepository, ask: Ask): Answer {
  const pull = pulls.get(Number(ask.params['number']));
  if (pull === undefined) return NOT_FOUND;
  const { body } = bodyOf(ask, z.strictObject({ body: z.string().min(1).max(65_536) }));
  pull.comments.push({ by: ask.caller.kind === 'user' ? ask.caller.login : ask.caller.kind, body });
  return json(201, { id: ask.state.nextId(), body });
}

function collaborator(repository: FakeRepository, { state, params }: Ask): Answer {
  const account = state.account(params['username'] ?? '');
  if (account === null) return problem(404, `${params['username']} is not a user`);
  const role = state.permissionOf(repository, account.login);
  const permission = role === 'maintain' ? 'write' : role === 'triage' ? 'read' : role;
  return json(200, { permission, role_name: role, user: accountShape(account) });
}
