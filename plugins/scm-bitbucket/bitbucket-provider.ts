import {
  PluginError,
  type Change,
  type Extension,
  type People,
  type PluginContext,
  type PullRequests,
  type Repository,
  type RepositoryOffer,
  type Revision,
  type ScmProvider,
  type Statuses,
  type Webhooks,
} from '#plugins/api';
import { GitRepositories } from '#plugins/kit/git-repositories';
import { Addresses } from './addresses.ts';
import type { BitbucketApi } from './api.ts';
import { CloudApi } from './cloud/cloud-api.ts';
import { apiUrlOf, type BitbucketConfig } from './config.ts';
import { DataCenterApi } from './data-center/data-center-api.ts';
import { ApiClient } from './http/api-client.ts';
import { ApiCredentials } from './http/api-credentials.ts';
import { BitbucketWebhooks } from './webhooks.ts';

/** Bitbucket, Cloud or Data Center: git repositories, and what only a Bitbucket has. Mercurial ones are there no more. */
export class BitbucketProvider extends GitRepositories implements ScmProvider, Extension {
  readonly webhooks: Webhooks;
  readonly statuses: Statuses;
  readonly people: People;
  readonly pullRequests: PullRequests;
  private readonly addresses: Addresses;
  private readonly credentials: ApiCredentials;
  private readonly api: BitbucketApi;

  constructor({ config, folder }: PluginContext<BitbucketConfig>) {
    const { program, timeoutSeconds, depth, archiveMegabytes, unknownHosts, authorities } = config;
    super({ program, timeoutSeconds, depth, unknownHosts, authorities, folder, archiveBytes: archiveMegabytes * 1024 * 1024, localFolders: [] });
    this.addresses = new Addresses(config);
    this.credentials = new ApiCredentials(config);
    const client = new ApiClient({ base: apiUrlOf(config), credentials: this.credentials, timeoutMs: config.requestSeconds * 1000 });
    this.api = config.flavour === 'cloud' ? new CloudApi(client, this.addresses, config.workspaces) : new DataCenterApi(client, this.addresses);
    this.webhooks = new BitbucketWebhooks(this.api, this.addresses);
    this.statuses = this.api.statuses;
    this.people = this.api.people;
    this.pullRequests = this.api.pullRequests;
  }

  /** Stops the server where git is missing or too old, or a file of the credentials cannot be read. */
  async init(signal: AbortSignal): Promise<void> {
    await this.check(signal);
  }

  override async check(signal: AbortSignal): Promise<void> {
    await super.check(signal);
    await this.credentials.for(null);
  }

  override matches(url: string): boolean {
    return this.addresses.read(url) !== null;
  }

  override identify(url: string): string | null {
    const address = this.addresses.read(url);
    return address === null ? null : this.addresses.identity(address);
  }

  /** Takes a pull request as a webhook of Cloud tells of it, with an abbreviated id of its head, too: Bitbucket is asked for the whole. */
  override async change(repository: Repository, revision: Revision, signal: AbortSignal): Promise<Change> {
    if (revision.kind !== 'pull-request') return super.change(repository, revision, signal);
    const pullRequest = await this.api.complete(repository, revision.pullRequest, signal);
    return super.change(repository, { kind: 'pull-request', pullRequest }, signal);
  }

  async repositories(signal: AbortSignal): Promise<readonly RepositoryOffer[]> {
    if (!this.credentials.given)
      throw new PluginError('unauthorized', 'This instance has no credentials of its own that could reach repositories: give it a token.');
    return this.api.repositories(signal);
  }
}
