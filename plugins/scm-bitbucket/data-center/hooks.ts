import { z } from 'zod';
import { isPluginError, type Repository } from '#plugins/api';
import type { Addresses } from '../addresses.ts';
import type { Hook, HookStore, HookWish } from '../api.ts';
import type { ApiClient } from '../http/api-client.ts';
import { DATA_CENTER_EVENTS } from './events.ts';
import { dataCenterList } from './pages.ts';
import { repositoryPath } from './repository-path.ts';

const DataCenterHook = z.object({ id: z.number().int(), url: z.string(), active: z.boolean(), events: z.array(z.string()) });

/** Webhooks of a repository at a Data Center: the permission to administer the repository is needed. */
export class DataCenterHooks implements HookStore {
  readonly events = DATA_CENTER_EVENTS;
  private readonly client: ApiClient;
  private readonly addresses: Addresses;

  constructor(client: ApiClient, addresses: Addresses) {
    this.client = client;
    this.addresses = addresses;
  }

  async *list(repository: Repository, signal: AbortSignal): AsyncGenerator<Hook> {
    const found = dataCenterList(this.client, { path: this.path(repository) }, DataCenterHook, repository, signal);
    for await (const { id, url, active, events } of found) yield { id: String(id), url, active, events };
  }

  async create(repository: Repository, wish: HookWish, signal: AbortSignal): Promise<void> {
    await this.client.send({ method: 'POST', path: this.path(repository), body: this.body(wish) }, repository, signal);
  }

  async update(repository: Repository, id: string, wish: HookWish, signal: AbortSignal): Promise<void> {
    await this.client.send({ method: 'PUT', path: [...this.path(repository), id], body: this.body(wish) }, repository, signal);
  }

  async remove(repository: Repository, id: string, signal: AbortSignal): Promise<void> {
    try {
      await this.client.send({ method: 'DELETE', path: [...this.path(repository), id] }, repository, signal);
    } catch (error) {
      if (!isPluginError(error, 'not-found')) throw error;
    }
  }

  private path(repository: Repository): string[] {
    return [...repositoryPath(this.addresses, repository), 'webhooks'];
  }

  private body({ url, secret }: HookWish): object {
    return { name: 'Terrarium', url, active: true, events: this.events, configuration: { secret }, sslVerificationRequired: true };
  }
}
