import { z } from 'zod';
import { PluginError, isPluginError, type Contributor, type HostPermission, type People, type Repository } from '#plugins/api';
import type { GithubAccess } from './client/access.ts';
import type { GithubApi } from './client/github-api.ts';
import type { GithubPlaces } from './places.ts';

const Account = z.object({ id: z.number().int(), login: z.string().min(1) });
const CollaboratorPermission = z.object({ permission: z.string(), user: Account.nullable() });
const TeamMembership = z.object({ state: z.string() });
const Search = z.object({
  total_count: z.number().int(),
  incomplete_results: z.boolean(),
  items: z.array(z.object({ user: Account.nullable() })),
});

/** Logins as GitHub gives them out; those of Apps end in `[bot]`. */
const LOGIN = /^[A-Za-z0-9][A-Za-z0-9_-]{0,99}(?:\[bot\])?$/;
const GROUP = /^([A-Za-z0-9][A-Za-z0-9_-]{0,99})(?:\/([A-Za-z0-9][A-Za-z0-9._-]{0,99}))?$/;

/** Roles besides those of `HostPermission`; an own role of an organisation is shown as the one of these that it builds on. */
const PERMISSIONS: Readonly<Record<string, HostPermission>> = {
  admin: 'admin',
  maintain: 'write',
  write: 'write',
  triage: 'read',
  read: 'read',
  none: 'none',
};

/**
 * Who people are at GitHub. An account is its id: whoever has taken the login of another one is not taken for it. Source:
 * https://docs.github.com/en/rest/collaborators/collaborators, /orgs/members, /teams/members, /search
 */
export class GithubPeople implements People {
  private readonly places: GithubPlaces;
  private readonly access: GithubAccess;

  constructor(places: GithubPlaces, access: GithubAccess) {
    this.places = places;
    this.access = access;
  }

  async find(name: string, signal: AbortSignal): Promise<Contributor | null> {
    if (!LOGIN.test(name)) return null;
    return await account(await this.access.forAnybody(signal), name, signal);
  }

  async permission(repository: Repository, who: Contributor, signal: AbortSignal): Promise<HostPermission> {
    const { owner, name } = this.places.get(repository.url);
    if (!LOGIN.test(who.name)) return 'none';
    const api = await this.access.forRepository(repository, { owner, name }, signal);
    const call = {
      route: 'GET /repos/{owner}/{repo}/collaborators/{username}/permission',
      what: `see what ${who.name} may do in ${owner}/${name}`,
      parameters: { owner, repo: name, username: who.name },
    };
    try {
      const { permission, user } = await api.ask(CollaboratorPermission, call, signal);
      if (!isSame(user, who)) return 'none';
      return Object.hasOwn(PERMISSIONS, permission) ? (PERMISSIONS[permission] ?? 'none') : 'none';
    } catch (error) {
      if (isPluginError(error, 'not-found') && /is not a user/i.test(error.message)) return 'none';
      throw error;
    }
  }

  async isMember(repository: Repository, group: string, who: Contributor, signal: AbortSignal): Promise<boolean> {
    const place = this.places.get(repository.url);
    const [, organization, team] = GROUP.exec(group) ?? [];
    if (organization === undefined)
      throw new PluginError('invalid', `"${group}" is no group at GitHub: ORGANISATION, or ORGANISATION/TEAM as its URL has it.`);
    const api = await this.access.forOrganization(organization, repository, place, signal);
    if (!(await isStill(api, who, signal))) return false;
    return team === undefined ? await isInOrganization(api, organization, who, signal) : await isInTeam(api, organization, team, who, signal);
  }

  async hasMerged(repository: Repository, who: Contributor, signal: AbortSignal): Promise<boolean> {
    const { owner, name } = this.places.get(repository.url);
    const api = await this.access.forRepository(repository, { owner, name }, signal);
    if (!(await isStill(api, who, signal))) return false;
    const call = {
      route: 'GET /search/issues',
      what: `look for merged pull requests of ${who.name} in ${owner}/${name}`,
      parameters: { q: `repo:${owner}/${name} author:${who.name} is:pr is:merged`, per_page: 1 },
    };
    const { total_count: count, incomplete_results: isCut, items } = await api.ask(Search, call, signal);
    if (count > 0) return isSame(items[0]?.user ?? null, who);
    if (isCut) throw new PluginError('unavailable', `GitHub did not finish looking for merged pull requests of ${who.name}: try again later.`);
    return false;
  }
}

async function account(api: GithubApi, login: string, signal: AbortSignal): Promise<Contributor | null> {
  const call = { route: 'GET /users/{username}', what: `find the account ${login}`, parameters: { username: login } };
  const found = await api.find(Account, call, signal);
  return found === null ? null : { id: String(found.id), name: found.login };
}

/** Whether the account that has his login now is his. */
async function isStill(api: GithubApi, who: Contributor, signal: AbortSignal): Promise<boolean> {
  if (!LOGIN.test(who.name)) return false;
  const now = await account(api, who.name, signal);
  return now !== null && (who.id === null || now.id === who.id);
}

function isSame(found: z.infer<typeof Account> | null, who: Contributor): boolean {
  if (found === null) return false;
  return who.id === null ? found.login.toLowerCase() === who.name.toLowerCase() : String(found.id) === who.id;
}

/** 204 is yes, 404 no; who may not see private members is sent on to the public ones. */
async function isInOrganization(api: GithubApi, organization: string, who: Contributor, signal: AbortSignal): Promise<boolean> {
  const call = {
    route: 'GET /orgs/{org}/members/{username}',
    what: `see whether ${who.name} is a member of ${organization}`,
    parameters: { org: organization, username: who.name },
  };
  return (await api.find(z.unknown(), call, signal)) !== null;
}

/** Who was invited and has not accepted is `pending`: that is no member. */
async function isInTeam(api: GithubApi, organization: string, team: string, who: Contributor, signal: AbortSignal): Promise<boolean> {
  const call = {
    route: 'GET /orgs/{org}/teams/{team_slug}/memberships/{username}',
    what: `see whether ${who.name} is a member of ${organization}/${team}`,
    parameters: { org: organization, team_slug: team, username: who.name },
  };
  return (await api.find(TeamMembership, call, signal))?.state === 'active';
}
