import type { Contributor, HostPermission, People, Repository } from '#plugins/api';
import { z } from 'zod';
import { lowerCase, type Addresses } from '../addresses.ts';
import type { ApiClient } from '../http/api-client.ts';
import { dataCenterList } from './pages.ts';
import { repositoryPath } from './repository-path.ts';
import { DataCenterUser, contributorOf } from './shapes.ts';

const Merged = z.object({ state: z.string(), author: z.object({ user: DataCenterUser }) });

/**
 * People at a Data Center. Its lists are asked for names that contain a text, and what they give is compared: by number where that is known, so that nobody
 * inherits the trust in one who had his name before.
 */
export class DataCenterPeople implements People {
  private readonly client: ApiClient;
  private readonly addresses: Addresses;

  constructor(client: ApiClient, addresses: Addresses) {
    this.client = client;
    this.addresses = addresses;
  }

  async find(name: string, signal: AbortSignal): Promise<Contributor | null> {
    return this.user({ id: null, name }, {}, null, signal);
  }

  /** What he may by himself, by his groups, and by the project. */
  async permission(repository: Repository, who: Contributor, signal: AbortSignal): Promise<HostPermission> {
    if (!(await this.may(repository, who, 'REPO_WRITE', signal))) return (await this.may(repository, who, 'REPO_READ', signal)) ? 'read' : 'none';
    return (await this.may(repository, who, 'REPO_ADMIN', signal)) ? 'admin' : 'write';
  }

  /** `group` is the whole name of a group. */
  async isMember(repository: Repository, group: string, who: Contributor, signal: AbortSignal): Promise<boolean> {
    return (await this.user(who, { group }, repository, signal)) !== null;
  }

  async hasMerged(repository: Repository, who: Contributor, signal: AbortSignal): Promise<boolean> {
    const query = { state: 'MERGED', 'role.1': 'AUTHOR', 'username.1': who.name };
    const call = { path: [...repositoryPath(this.addresses, repository), 'pull-requests'], query };
    for await (const { state, author } of dataCenterList(this.client, call, Merged, repository, signal)) {
      if (state === 'MERGED' && isSame(author.user, who)) return true;
    }
    return false;
  }

  private async may(repository: Repository, who: Contributor, permission: string, signal: AbortSignal): Promise<boolean> {
    const { owner, slug } = this.addresses.open(repository.url);
    const query = { 'permission.1': permission, 'permission.1.projectKey': owner, 'permission.1.repositorySlug': slug };
    return (await this.user(who, query, repository, signal)) !== null;
  }

  private async user(
    who: Contributor,
    query: Readonly<Record<string, string>>,
    repository: Repository | null,
    signal: AbortSignal,
  ): Promise<Contributor | null> {
    const call = { path: ['users'], query: { ...query, filter: who.name } };
    for await (const user of dataCenterList(this.client, call, DataCenterUser, repository, signal)) if (isSame(user, who)) return contributorOf(user);
    return null;
  }
}

function isSame(user: DataCenterUser, who: Contributor): boolean {
  return who.id === null ? lowerCase(user.name) === lowerCase(who.name) : contributorOf(user).id === who.id;
}
