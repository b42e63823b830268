import { type Delivery, type HostEvent, type KeyValueStore, PluginError, type Repository, type Webhooks } from '#plugins/api';
import { Turns } from '#plugins/kit/turns';
import type { GithubAccess } from '../client/access.ts';
import type { GithubPlaces } from '../places.ts';
import { RepositoryHooks } from './hooks.ts';
import { parseEvent, type Reading } from './parse-event.ts';
import { idOfDelivery, nameOfDelivery } from './read-delivery.ts';
import { verifySignature } from './signature.ts';

/** How GitHub calls us: by hooks of repositories, and by the App's own. */
export class GithubWebhooks implements Webhooks {
  readonly secret: string | null;
  private readonly places: GithubPlaces;
  private readonly access: GithubAccess;
  private readonly store: KeyValueStore;
  private readonly reading: Reading;
  /** Two who look at once would both find no hook. */
  private readonly turns = new Turns();

  constructor(
    places: GithubPlaces,
    access: GithubAccess,
    store: KeyValueStore,
    app: { readonly id: number; readonly webhookSecret: string | null } | undefined,
  ) {
    this.places = places;
    this.access = access;
    this.store = store;
    this.secret = app?.webhookSecret ?? null;
    this.reading = { identify: (fullName) => places.identify(fullName), appId: app?.id ?? null };
  }

  verify(delivery: Delivery, secrets: readonly string[]): void {
    verifySignature(delivery, secrets);
  }

  idOf(delivery: Delivery): string | null {
    return idOfDelivery(delivery);
  }

  nameOf(delivery: Delivery): string {
    return nameOfDelivery(delivery);
  }

  parse(delivery: Delivery): HostEvent {
    return parseEvent(delivery, this.reading);
  }

  async ensure(
    repository: Repository,
    hook: { readonly url: string; readonly secret: string },
    signal: AbortSignal,
  ): Promise<'created' | 'changed' | 'unchanged'> {
    if (hook.secret === '') throw new PluginError('invalid', 'A hook needs a secret: what GitHub sends could not be told from what others send.');
    return await this.inTurn(repository, signal, (hooks) => hooks.ensure(hook, signal));
  }

  async remove(repository: Repository, url: string, signal: AbortSignal): Promise<void> {
    await this.inTurn(repository, signal, (hooks) => hooks.remove(url, signal));
  }

  private async inTurn<Result>(repository: Repository, signal: AbortSignal, work: (hooks: RepositoryHooks) => Promise<Result>): Promise<Result> {
    const place = this.places.get(repository.url);
    return await this.turns.take(`${place.owner}/${place.name}`.toLowerCase(), async () => {
      signal.throwIfAborted();
      const api = await this.access.forRepository(repository, place, signal);
      return await work(new RepositoryHooks(api, place, this.store));
    });
  }
}
