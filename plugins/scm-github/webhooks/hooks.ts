import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { KeyValueStore } from '#plugins/api';
import type { GithubApi } from '../client/github-api.ts';
import type { Place } from '../places.ts';

/** What a project's own hook is told of; a push tells of branches and tags that are made and deleted, too. */
const EVENTS = ['issue_comment', 'pull_request', 'pull_request_review', 'pull_request_review_comment', 'push'] as const;

const Hook = z.object({
  id: z.number().int(),
  active: z.boolean(),
  events: z.array(z.string()),
  config: z.object({ url: z.string().optional(), content_type: z.string().optional(), insecure_ssl: z.union([z.string(), z.number()]).optional() }),
});
type Hook = z.infer<typeof Hook>;

/** A repository's hooks, through the API in somebody's name. Source: https://docs.github.com/en/rest/repos/webhooks */
export class RepositoryHooks {
  private readonly api: GithubApi;
  private readonly place: Place;
  /** GitHub does not show secrets again: which one a hook was given last is remembered, as its digest. */
  private readonly store: KeyValueStore;

  constructor(api: GithubApi, place: Place, store: KeyValueStore) {
    this.api = api;
    this.place = place;
    this.store = store;
  }

  async ensure(wanted: { readonly url: string; readonly secret: string }, signal: AbortSignal): Promise<'created' | 'changed' | 'unchanged'> {
    const [hook] = await this.of(wanted.url, signal);
    if (hook === undefined) {
      await this.create(wanted, signal);
      return 'created';
    }
    if (isAsWanted(hook) && (await this.store.get(keyOf(hook))) === digest(wanted.secret)) return 'unchanged';
    await this.change(hook, wanted, signal);
    return 'changed';
  }

  async remove(url: string, signal: AbortSignal): Promise<void> {
    for (const hook of await this.of(url, signal)) {
      const call = { ...this.call('DELETE', '/{hook_id}', 'remove a hook of'), parameters: { ...this.names(), hook_id: hook.id } };
      await this.api.find(z.unknown(), call, signal);
      await this.store.delete(keyOf(hook));
    }
  }

  private async of(url: string, signal: AbortSignal): Promise<Hook[]> {
    const call = { ...this.call('GET', '', 'list the hooks of'), parameters: this.names() };
    const all = await this.api.list({ schema: z.array(Hook), pick: (page) => page, most: 1000 }, call, signal);
    return all.filter(({ config }) => config.url === url);
  }

  private async create(wanted: { readonly url: string; readonly secret: string }, signal: AbortSignal): Promise<void> {
    const call = this.call('POST', '', 'make a hook of');
    const parameters = { ...this.names(), name: 'web', ...settings(wanted) };
    const made = await this.api.ask(Hook, { ...call, parameters, secrets: [wanted.secret] }, signal);
    await this.store.set(keyOf(made), digest(wanted.secret));
  }

  private async change(hook: Hook, wanted: { readonly url: string; readonly secret: string }, signal: AbortSignal): Promise<void> {
    const call = this.call('PATCH', '/{hook_id}', 'change a hook of');
    const parameters = { ...this.names(), hook_id: hook.id, ...settings(wanted) };
    await this.api.do({ ...call, parameters, secrets: [wanted.secret] }, signal);
    await this.store.set(keyOf(hook), digest(wanted.secret));
  }

  private call(method: string, rest: string, what: string): { readonly route: string; readonly what: string } {
    const { owner, name } = this.place;
    return { route: `${method} /repos/{owner}/{repo}/hooks${rest}`, what: `${what} ${owner}/${name}` };
  }

  private names(): { readonly owner: string; readonly repo: string } {
    return { owner: this.place.owner, repo: this.place.name };
  }
}

/** `config` is replaced as a whole: without the secret the hook would lose it. */
function settings({ url, secret }: { readonly url: string; readonly secret: string }): Record<string, unknown> {
  return { active: true, events: [...EVENTS], config: { url, secret, content_type: 'json', insecure_ssl: '0' } };
}

function isAsWanted({ active, events, config }: Hook): boolean {
  const same = events.toSorted().join() === [...EVENTS].toSorted().join();
  return active && same && config.content_type === 'json' && String(config.insecure_ssl ?? '0') === '0';
}

function keyOf({ id }: Hook): string {
  return `hook-secret/${id}`;
}

function digest(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
