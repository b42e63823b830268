import type { PullRequest, PullRequests, Repository } from '#plugins/api';
import type { Addresses } from '../addresses.ts';
import type { ApiClient } from '../http/api-client.ts';
import { dataCenterList } from './pages.ts';
import { repositoryPath } from './repository-path.ts';
import { DataCenterPullRequest, pullRequestOf } from './shapes.ts';

/** Pull requests at a Data Center. */
export class DataCenterPullRequests implements PullRequests {
  private readonly client: ApiClient;
  private readonly addresses: Addresses;

  constructor(client: ApiClient, addresses: Addresses) {
    this.client = client;
    this.addresses = addresses;
  }

  async get(repository: Repository, number: number, signal: AbortSignal): Promise<PullRequest> {
    const found = await this.client.json({ path: [...this.path(repository), String(number)] }, DataCenterPullRequest, repository, signal);
    return pullRequestOf(found, this.addresses.open(repository.url), this.addresses);
  }

  async open(repository: Repository, signal: AbortSignal): Promise<readonly PullRequest[]> {
    const call = { path: this.path(repository), query: { state: 'OPEN', order: 'NEWEST' } };
    const open: PullRequest[] = [];
    for await (const found of dataCenterList(this.client, call, DataCenterPullRequest, repository, signal)) {
      open.push(pullRequestOf(found, this.addresses.open(repository.url), this.addresses));
    }
    return open;
  }

  async comment(repository: Repository, number: number, text: string, signal: AbortSignal): Promise<void> {
    await this.client.send({ method: 'POST', path: [...this.path(repository), String(number), 'comments'], body: { text } }, repository, signal);
  }

  private path(repository: Repository): string[] {
    return [...repositoryPath(this.addresses, repository), 'pull-requests'];
  }
}
