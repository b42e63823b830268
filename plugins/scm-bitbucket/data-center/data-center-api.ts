import { z } from 'zod';
import type { HostEvent, PullRequest, Repository, RepositoryOffer } from '#plugins/api';
import type { Addresses } from '../addresses.ts';
import type { BitbucketApi } from '../api.ts';
import type { ApiClient } from '../http/api-client.ts';
import { oneLine } from '../one-line.ts';
import { readDataCenterEvent } from './events.ts';
import { DataCenterHooks } from './hooks.ts';
import { dataCenterList } from './pages.ts';
import { DataCenterPeople } from './people.ts';
import { DataCenterPullRequests } from './pull-requests.ts';
import { DataCenterRepository, addressOf } from './shapes.ts';
import { DataCenterStatuses } from './statuses.ts';

const Offer = DataCenterRepository.extend({ public: z.boolean(), description: z.string().nullish() });

/** Bitbucket Data Center and Server: REST `api/latest` (developer.atlassian.com/server/bitbucket/rest). */
export class DataCenterApi implements BitbucketApi {
  readonly hooks: DataCenterHooks;
  readonly statuses: DataCenterStatuses;
  readonly people: DataCenterPeople;
  readonly pullRequests: DataCenterPullRequests;
  private readonly client: ApiClient;
  private readonly addresses: Addresses;

  constructor(client: ApiClient, addresses: Addresses) {
    this.client = client;
    this.addresses = addresses;
    this.hooks = new DataCenterHooks(client, addresses);
    this.statuses = new DataCenterStatuses(client, addresses);
    this.people = new DataCenterPeople(client, addresses);
    this.pullRequests = new DataCenterPullRequests(client, addresses);
  }

  readEvent(key: string, payload: unknown): HostEvent {
    return readDataCenterEvent(key, payload, this.addresses);
  }

  /** Ids are never abbreviated here. */
  async complete(_repository: Repository, pullRequest: PullRequest): Promise<PullRequest> {
    return pullRequest;
  }

  async repositories(signal: AbortSignal): Promise<readonly RepositoryOffer[]> {
    const offers: RepositoryOffer[] = [];
    for await (const found of dataCenterList(this.client, { path: ['repos'], query: { permission: 'REPO_READ' } }, Offer, null, signal)) {
      const address = addressOf(found, this.addresses);
      if (address === null || (found.scmId ?? 'git') !== 'git') continue;
      const name = `${found.project.key}/${found.slug}`;
      offers.push({ url: this.addresses.cloneUrl(address), name, isPrivate: !found.public, description: oneLine(found.description ?? '') });
    }
    return offers;
  }
}
