import { z } from 'zod';
import { isPluginError, type Repository } from '#plugins/api';
import type { Addresses } from '../addresses.ts';
import type { Hook, HookStore, HookWish } from '../api.ts';
import type { ApiClient } from '../http/api-client.ts';
import { CLOUD_EVENTS } from './events.ts';
import { cloudList } from './pages.ts';

const CloudHook = z.object({ uuid: z.string().min(1), url: z.string(), active: z.boolean(), events: z.array(z.string()) });

/** Webhooks of a repository at Bitbucket Cloud: the scope `webhook` is needed. */
export class CloudHooks implements HookStore {
  readonly events = CLOUD_EVENTS;
  private readonly client: ApiClient;
  private readonly addresses: Addresses;

  constructor(client: ApiClient, addresses: Addresses) {
    this.client = client;
    this.addresses = addresses;
  }

  async *list(repository: Repository, signal: AbortSignal): AsyncGenerator<Hook> {
    const found = cloudList(this.client, { path: this.path(repository) }, CloudHook, repository, signal);
    for await (const { uuid, url, active, events } of found) yield { id: uuid, url, active, events };
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
    const { owner, slug } = this.addresses.open(repository.url);
    return ['repositories', owner, slug, 'hooks'];
  }

  private body({ url, secret }: HookWish): object {
    return { description: 'Terrarium', url, secret, active: true, events: this.events };
  }
}
