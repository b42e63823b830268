import type { Delivery, HostEvent, Repository, Webhooks } from '#plugins/api';
import { Turns } from '#plugins/kit/turns';
import type { Addresses } from './addresses.ts';
import type { BitbucketApi, Hook, HookWish } from './api.ts';
import { verifySignature } from './signature.ts';

const EVENT_KEY = /^[a-z_]+(?::[a-z_]+){1,3}$/;

/** How Bitbucket calls us. Only repositories have hooks. */
export class BitbucketWebhooks implements Webhooks {
  readonly secret = null;
  private readonly api: BitbucketApi;
  private readonly addresses: Addresses;
  /** Two at once would make two hooks. */
  private readonly turns = new Turns();

  constructor(api: BitbucketApi, addresses: Addresses) {
    this.api = api;
    this.addresses = addresses;
  }

  verify(delivery: Delivery, secrets: readonly string[]): void {
    verifySignature(delivery, secrets);
  }

  /**
   * Cloud tries a delivery up to three times under one `X-Request-UUID`, with another `X-Attempt-Number` each time: the attempts are one delivery. Sent again by
   * hand it has a new one. Data Center gives each request its own `X-Request-Id` and tries none again by itself.
   */
  idOf({ headers }: Delivery): string | null {
    return headers['x-request-uuid'] ?? headers['x-request-id'] ?? null;
  }

  nameOf({ headers }: Delivery): string {
    const key = headers['x-event-key'] ?? '';
    return EVENT_KEY.test(key) ? key : 'unknown';
  }

  parse(delivery: Delivery): HostEvent {
    const key = this.nameOf(delivery);
    if (key === 'unknown') return { kind: 'ignored', reason: 'It has no event in X-Event-Key: Bitbucket sends none such.' };
    const payload = payloadOf(delivery.body);
    if (payload === undefined) return { kind: 'ignored', reason: 'Its body is no JSON.' };
    return this.api.readEvent(key, payload);
  }

  /** Whether the secret is still the same cannot be seen: it is set each time, which by itself counts as no change. */
  async ensure(repository: Repository, wish: HookWish, signal: AbortSignal): Promise<'created' | 'changed' | 'unchanged'> {
    return this.turns.take(this.addresses.identity(this.addresses.open(repository.url)), async () => {
      const [first, ...others] = await this.find(repository, wish.url, signal);
      if (first === undefined) {
        await this.api.hooks.create(repository, wish, signal);
        return 'created';
      }
      await this.api.hooks.update(repository, first.id, wish, signal);
      for (const other of others) await this.api.hooks.remove(repository, other.id, signal);
      return others.length === 0 && this.isAsWished(first) ? 'unchanged' : 'changed';
    });
  }

  async remove(repository: Repository, url: string, signal: AbortSignal): Promise<void> {
    await this.turns.take(this.addresses.identity(this.addresses.open(repository.url)), async () => {
      for (const hook of await this.find(repository, url, signal)) await this.api.hooks.remove(repository, hook.id, signal);
    });
  }

  private async find(repository: Repository, url: string, signal: AbortSignal): Promise<Hook[]> {
    const found: Hook[] = [];
    for await (const hook of this.api.hooks.list(repository, signal)) if (sameUrl(hook.url, url)) found.push(hook);
    return found;
  }

  private isAsWished(hook: Hook): boolean {
    return hook.active && hook.events.length === this.api.hooks.events.length && this.api.hooks.events.every((event) => hook.events.includes(event));
  }
}

function payloadOf(body: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function sameUrl(one: string, other: string): boolean {
  return one === other || (URL.canParse(one) && URL.canParse(other) && new URL(one).href === new URL(other).href);
}
