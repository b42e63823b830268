import { z } from 'zod';
import type { HostEvent, PullRequest, Repository, RepositoryOffer } from '#plugins/api';
import type { Addresses } from '../addresses.ts';
import type { BitbucketApi } from '../api.ts';
import type { ApiClient } from '../http/api-client.ts';
import { oneLine } from '../one-line.ts';
import { readCloudEvent } from './events.ts';
import { CloudHooks } from './hooks.ts';
import { cloudList } from './pages.ts';
import { CloudPeople } from './people.ts';
import { CloudPullRequests } from './pull-requests.ts';
import { CloudStatuses } from './statuses.ts';
import { CloudWorkspaces } from './workspaces.ts';

const Offer = z.object({ full_name: z.string(), is_private: z.boolean(), description: z.string().nullish(), scm: z.string().nullish() });

/** Bitbucket Cloud: REST 2.0 (developer.atlassian.com/cloud/bitbucket/rest). */
export class CloudApi implements BitbucketApi {
  readonly hooks: CloudHooks;
  readonly statuses: CloudStatuses;
  readonly people: CloudPeople;
  readonly pullRequests: CloudPullRequests;
  private readonly client: ApiClient;
  private readonly addresses: Addresses;
  private readonly workspaces: CloudWorkspaces;

  constructor(client: ApiClient, addresses: Addresses, workspaces: readonly string[]) {
    this.client = client;
    this.addresses = addresses;
    this.workspaces = new CloudWorkspaces(client, workspaces);
    this.hooks = new CloudHooks(client, addresses);
    this.statuses = new CloudStatuses(client, addresses);
    this.people = new CloudPeople(client, addresses, this.workspaces);
    this.pullRequests = new CloudPullRequests(client, addresses);
  }

  readEvent(key: string, payload: unknown): HostEvent {
    return readCloudEvent(key, payload, this.addresses);
  }

  async complete(repository: Repository, pullRequest: PullRequest, signal: AbortSignal): Promise<PullRequest> {
    return this.pullRequests.complete(repository, pullRequest, signal);
  }

  async repositories(signal: AbortSignal): Promise<readonly RepositoryOffer[]> {
    const offers: RepositoryOffer[] = [];
    for (const workspace of await this.workspaces.slugs(signal)) {
      const call = { path: ['repositories', workspace], query: { role: 'member' } };
      for await (const found of cloudList(this.client, call, Offer, null, signal)) {
        const address = this.addresses.named(found.full_name);
        if (address === null || (found.scm ?? 'git') !== 'git') continue;
        const description = oneLine(found.description ?? '');
        offers.push({ url: this.addresses.cloneUrl(address), name: found.full_name, isPrivate: found.is_private, description });
      }
    }
    return offers;
  }
}
