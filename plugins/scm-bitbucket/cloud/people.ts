import { z } from 'zod';
import { PluginError, type Contributor, type HostPermission, type People, type Repository } from '#plugins/api';
import type { Addresses } from '../addresses.ts';
import type { ApiClient } from '../http/api-client.ts';
import { orNull } from './or-null.ts';
import { cloudList } from './pages.ts';
import { CloudAccount, contributorOf } from './shapes.ts';
import type { CloudWorkspaces } from './workspaces.ts';

const UUID = /^\{[0-9a-fA-F-]{36}\}$/;
/** Atlassian's account ids: 24 hexadecimal digits, or a number, a colon and a UUID. */
const ACCOUNT_ID = /^(?:[0-9a-f]{24}|\d{1,12}:[0-9a-f-]{36})$/;

const Member = z.object({ user: CloudAccount });
const Permission = z.object({ permission: z.enum(['admin', 'write', 'read', 'none']), user: CloudAccount });
const Merged = z.object({ state: z.string(), author: CloudAccount.nullish() });

/** People at Bitbucket Cloud. Who has no uuid is nobody there: all answers are no. */
export class CloudPeople implements People {
  private readonly client: ApiClient;
  private readonly addresses: Addresses;
  private readonly workspaces: CloudWorkspaces;

  constructor(client: ApiClient, addresses: Addresses, workspaces: CloudWorkspaces) {
    this.client = client;
    this.addresses = addresses;
    this.workspaces = workspaces;
  }

  /**
   * By uuid in braces or account id: anybody. By nickname: only members of the workspaces that the instance's credentials reach, for Cloud looks up no one else
   * by it; null also where several of them have that nickname.
   */
  async find(name: string, signal: AbortSignal): Promise<Contributor | null> {
    if (UUID.test(name) || ACCOUNT_ID.test(name)) return this.account(name, signal);
    const found = new Map<string, Contributor>();
    for (const workspace of await this.workspaces.slugs(signal)) {
      for await (const { user } of cloudList(this.client, { path: ['workspaces', workspace, 'members'] }, Member, null, signal)) {
        const member = contributorOf(user);
        if (member.id !== null && user.nickname === name) found.set(member.id, member);
      }
    }
    const [first] = found.values();
    return found.size === 1 && first !== undefined ? first : null;
  }

  /** What was given to him, his groups or the project; what everybody may with a public repository does not count. Needs an administrator's credentials. */
  async permission(repository: Repository, who: Contributor, signal: AbortSignal): Promise<HostPermission> {
    const { owner, slug } = this.addresses.open(repository.url);
    const id = uuidOf(who);
    if (id === null) return 'none';
    const call = { path: ['workspaces', owner, 'permissions', 'repositories', slug], query: { q: `user.uuid="${id}"` } };
    for await (const { permission, user } of cloudList(this.client, call, Permission, repository, signal)) if (user.uuid === id) return permission;
    return 'none';
  }

  /** `group` is a workspace. Its groups cannot be asked for: Cloud's API does not tell who is in them. */
  async isMember(repository: Repository, group: string, who: Contributor, signal: AbortSignal): Promise<boolean> {
    if (group.includes('/'))
      throw new PluginError('unsupported', 'Bitbucket Cloud does not tell who is in a group of a workspace: name the workspace alone.');
    const id = uuidOf(who);
    if (id === null) return false;
    const call = { path: ['workspaces', group, 'members', id] };
    const member = await orNull(this.client.json(call, Member, repository, signal), 'not-found');
    return member?.user.uuid === id;
  }

  async hasMerged(repository: Repository, who: Contributor, signal: AbortSignal): Promise<boolean> {
    const { owner, slug } = this.addresses.open(repository.url);
    const id = uuidOf(who);
    if (id === null) return false;
    const query = { q: `state="MERGED" AND author.uuid="${id}"`, state: 'MERGED', pagelen: '10' };
    const call = { path: ['repositories', owner, slug, 'pullrequests'], query };
    for await (const { state, author } of cloudList(this.client, call, Merged, repository, signal)) {
      if (state === 'MERGED' && author?.uuid === id) return true;
    }
    return false;
  }

  private async account(id: string, signal: AbortSignal): Promise<Contributor | null> {
    const account = await orNull(this.client.json({ path: ['users', id] }, CloudAccount, null, signal), 'not-found');
    return account === null ? null : contributorOf(account);
  }
}

/** Goes into queries, so it must look like one. */
function uuidOf({ id }: Contributor): string | null {
  return id !== null && UUID.test(id) ? id : null;
}
