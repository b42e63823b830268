import { z } from 'zod';
import { PluginError, type PullRequest, type PullRequests, type Repository } from '#plugins/api';
import type { Address, Addresses } from '../addresses.ts';
import type { ApiClient } from '../http/api-client.ts';
import { orNull } from './or-null.ts';
import { cloudList } from './pages.ts';
import { CloudCommit, CloudPullRequest, pullRequestOf } from './shapes.ts';

const Commit = z.object({ hash: CloudCommit });
const REMEMBERED = 5000;

/**
 * Pull requests at Bitbucket Cloud. Its answers abbreviate commit ids: the full ones are asked for, and remembered. Where it does not tell them (any more, or not us),
 * they stay as they are: such a pull request is there, but cannot be built.
 */
export class CloudPullRequests implements PullRequests {
  private readonly client: ApiClient;
  private readonly addresses: Addresses;
  private readonly full = new Map<string, string>();

  constructor(client: ApiClient, addresses: Addresses) {
    this.client = client;
    this.addresses = addresses;
  }

  async get(repository: Repository, number: number, signal: AbortSignal): Promise<PullRequest> {
    const address = this.addresses.open(repository.url);
    const found = await this.client.json({ path: [...pathOf(address), String(number)] }, CloudPullRequest, repository, signal);
    const pullRequest = await this.completed(repository, address, found, signal);
    if (pullRequest !== null) return pullRequest;
    throw new PluginError('not-found', `Bitbucket names no commit for pull request ${number} any more: its branch is gone.`);
  }

  /** Those whose branch is gone with the commit are left out: there is nothing to build. */
  async open(repository: Repository, signal: AbortSignal): Promise<readonly PullRequest[]> {
    const address = this.addresses.open(repository.url);
    const call = { path: pathOf(address), query: { state: 'OPEN', sort: '-created_on' } };
    const open: PullRequest[] = [];
    for await (const found of cloudList(this.client, call, CloudPullRequest, repository, signal)) {
      const pullRequest = await this.completed(repository, address, found, signal);
      if (pullRequest !== null) open.push(pullRequest);
    }
    return open;
  }

  async comment(repository: Repository, number: number, text: string, signal: AbortSignal): Promise<void> {
    const path = [...pathOf(this.addresses.open(repository.url)), String(number), 'comments'];
    await this.client.send({ method: 'POST', path, body: { content: { raw: text } } }, repository, signal);
  }

  /** With the full id of its head. Throws `not-found` or `unauthorized` where the host does not tell. */
  async complete(repository: Repository, pullRequest: PullRequest, signal: AbortSignal): Promise<PullRequest> {
    const from = this.addresses.named(pullRequest.headRepository ?? '') ?? this.addresses.open(repository.url);
    return { ...pullRequest, headCommit: await this.fullId(repository, from, pullRequest.headCommit, signal) };
  }

  private async completed(repository: Repository, base: Address, found: CloudPullRequest, signal: AbortSignal): Promise<PullRequest | null> {
    const short = pullRequestOf(found, base, this.addresses);
    if (short === null) return null;
    const pullRequest = (await orNull(this.complete(repository, short, signal), 'not-found', 'unauthorized')) ?? short;
    const { commit } = found.destination;
    return {
      ...pullRequest,
      baseCommit: commit ? await orNull(this.fullId(repository, base, commit.hash, signal), 'not-found', 'unauthorized') : null,
    };
  }

  private async fullId(repository: Repository, address: Address, id: string, signal: AbortSignal): Promise<string> {
    if (CloudCommit.safeParse(id).success) return id;
    const key = `${this.addresses.identity(address)} ${id}`;
    const known = this.full.get(key);
    if (known !== undefined) return known;
    const { hash } = await this.client.json({ path: ['repositories', address.owner, address.slug, 'commit', id] }, Commit, repository, signal);
    if (!hash.startsWith(id)) throw new PluginError('unavailable', `Bitbucket answered with another commit than ${id}.`);
    if (this.full.size >= REMEMBERED) this.full.clear();
    this.full.set(key, hash);
    return hash;
  }
}

function pathOf({ owner, slug }: Address): string[] {
  return ['repositories', owner, slug, 'pullrequests'];
}
