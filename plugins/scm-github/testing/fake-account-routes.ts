import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { permissionOf } from './fake-callers.ts';
import { bodyOf, json, NOT_FOUND, page, problem, Unexpected, type Answer, type Ask, type Route } from './fake-routes.ts';
import { accountShape, repositoryShape } from './fake-shapes.ts';
import type { FakeInstallation, FakeRepository } from './fake-state.ts';

const TokenBody = z
  .strictObject({
    repository_ids: z.array(z.number().int()).optional(),
    permissions: z.record(z.string(), z.enum(['read', 'write'])).optional(),
  })
  .default({});
const HOUR_MS = 3_600_000;

/** Accounts, organisations, search, and what an App asks about itself. */
export const ACCOUNT_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/user', answer: ownAccount },
  { method: 'GET', path: '/users/{username}', answer: getAccount },
  { method: 'GET', path: '/user/repos', query: ['sort', 'per_page', 'page'], answer: ownRepositories },
  { method: 'GET', path: '/orgs/{org}/members/{username}', answer: member },
  { method: 'GET', path: '/orgs/{org}/public_members/{username}', answer: publicMember },
  { method: 'GET', path: '/orgs/{org}/teams/{team}/memberships/{username}', answer: teamMember },
  { method: 'GET', path: '/search/issues', query: ['q', 'per_page'], answer: search },
  { method: 'GET', path: '/app', answer: asApp(({ state }) => json(200, { id: state.app.id, slug: 'terrarium' })) },
  { method: 'GET', path: '/app/installations', query: ['per_page', 'page'], answer: asApp(listInstallations) },
  { method: 'GET', path: '/repos/{owner}/{repo}/installation', answer: asApp(installationOfRepository) },
  { method: 'GET', path: '/orgs/{owner}/installation', answer: asApp(({ state, params }) => shown(state.installationFor(params['owner'] ?? ''))) },
  { method: 'POST', path: '/app/installations/{id}/access_tokens', answer: asApp(createToken) },
  { method: 'GET', path: '/installation/repositories', query: ['per_page', 'page'], answer: installationRepositories },
];

function ownAccount({ state, caller }: Ask): Answer {
  return caller.kind === 'user' ? json(200, accountShape(state.account(caller.login))) : problem(403, 'Resource not accessible by integration');
}

function getAccount({ state, params }: Ask): Answer {
  const account = state.account(params['username'] ?? '');
  return account === null ? NOT_FOUND : json(200, accountShape(account));
}

function ownRepositories(ask: Ask): Answer {
  const { state, caller, webUrl } = ask;
  if (caller.kind !== 'user') return problem(401, 'Requires authentication');
  const own = state.repositories.filter((one) => ['admin', 'write'].includes(permissionOf(state, caller, one)));
  return page(ask, own, (some) => some.map((one) => repositoryShape(one, webUrl)));
}

/** Who is no member himself is sent on to the public ones. */
function member({ state, caller, params, apiUrl }: Ask): Answer {
  const { org = '', username = '' } = params;
  const organization = state.organizations.get(org.toLowerCase());
  if (organization === undefined) return NOT_FOUND;
  const sees =
    caller.kind === 'installation'
      ? caller.permissions['members'] !== undefined
      : caller.kind === 'user' && organization.members.has(caller.login.toLowerCase());
  if (!sees) return { status: 302, headers: { location: `${apiUrl}/orgs/${org}/public_members/${username}` } };
  return organization.members.has(username.toLowerCase()) ? { status: 204 } : NOT_FOUND;
}

function publicMember({ state, params }: Ask): Answer {
  const { org = '', username = '' } = params;
  return state.organizations.get(org.toLowerCase())?.members.get(username.toLowerCase()) === 'public' ? { status: 204 } : NOT_FOUND;
}

function teamMember({ state, params }: Ask): Answer {
  const { org = '', team = '', username = '' } = params;
  const membership = state.organizations.get(org.toLowerCase())?.teams.get(team)?.get(username.toLowerCase());
  return membership === undefined ? NOT_FOUND : json(200, { state: membership, role: 'member' });
}

function search({ state, caller, query }: Ask): Answer {
  const [, owner = '', name = '', author = ''] = /^repo:([^/ ]+)\/([^ ]+) author:([^ ]+) is:pr is:merged$/.exec(query.get('q') ?? '') ?? [];
  if (author === '') throw new Unexpected(`a search that nobody should make: ${query.get('q')}`);
  const repository = state.repository(owner, name);
  if (repository === null || permissionOf(state, caller, repository) === 'none')
    return problem(422, 'Validation Failed', [
      { message: 'The listed users and repositories cannot be searched either because the resources do not exist or you do not have permission.' },
    ]);
  const found = [...repository.pulls.values()].filter((pull) => pull.isMerged && pull.author?.login.toLowerCase() === author.toLowerCase());
  const items = found.slice(0, Number(query.get('per_page'))).map((pull) => ({ number: pull.number, user: accountShape(pull.author) }));
  return json(200, { total_count: found.length, incomplete_results: false, items });
}

function asApp(answer: (ask: Ask) => Answer): (ask: Ask) => Answer {
  return (ask) => (ask.caller.kind === 'app' ? answer(ask) : problem(401, 'A JSON web token could not be decoded'));
}

function listInstallations(ask: Ask): Answer {
  return page(ask, ask.state.installations, (some) => some.map(installationShape));
}

function installationOfRepository({ state, params }: Ask): Answer {
  const repository = state.repository(params['owner'] ?? '', params['repo'] ?? '');
  const installation = repository === null ? null : state.installationFor(repository.owner);
  return installation !== null && repository !== null && isServed(installation, repository) ? shown(installation) : NOT_FOUND;
}

function createToken(ask: Ask): Answer {
  const { state, params } = ask;
  const installation = state.installations.find(({ id }) => String(id) === params['id']);
  if (installation === undefined) return NOT_FOUND;
  if (installation.isSuspended) return problem(403, 'This installation has been suspended');
  const { repository_ids: repositoryIds = null, permissions = installation.permissions } = bodyOf(ask, TokenBody);
  const isReachable = (id: number): boolean =>
    state.repositories.some((one) => one.id === id && one.owner === installation.owner && isServed(installation, one));
  if (repositoryIds !== null && !repositoryIds.every(isReachable))
    return problem(422, 'There is at least one repository that does not exist or is not accessible to the parent installation.');
  const token = `ghs_${randomUUID()}`;
  const expiresAt = Date.now() + HOUR_MS;
  state.tokens.set(token, { kind: 'installation', installation, repositoryIds, permissions, expiresAt });
  return json(201, {
    token,
    expires_at: new Date(expiresAt).toISOString(),
    permissions,
    repository_selection: repositoryIds === null ? 'all' : 'selected',
  });
}

function installationRepositories(ask: Ask): Answer {
  const { state, caller, webUrl } = ask;
  if (caller.kind !== 'installation') return problem(403, 'You must authenticate with an installation access token');
  const own = state.repositories.filter((one) => one.owner === caller.installation.owner && isServed(caller.installation, one));
  return page(ask, own, (some) => ({ total_count: own.length, repositories: some.map((one) => repositoryShape(one, webUrl)) }));
}

function isServed({ repositories }: FakeInstallation, { name }: FakeRepository): boolean {
  return repositories === null || repositories.includes(name);
}

function shown(installation: FakeInstallation | null): Answer {
  return installation === null ? NOT_FOUND : json(200, installationShape(installation));
}

function installationShape({ id, owner, isSuspended }: FakeInstallation): Record<string, unknown> {
  return { id, account: { login: owner, id: 1, type: 'User' }, suspended_at: isSuspended ? '2026-01-02T03:04:05Z' : null };
}
