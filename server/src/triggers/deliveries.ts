import { createHash, randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { type Delivery, type ScmProvider, type Webhooks, isPluginError } from '#plugins/api';
import { readableText } from '../builds/storable.ts';
import { CoreError } from '../common/errors.ts';
import type { Registry } from '../plugins/index.ts';
import { lookSoon } from './look-soon.ts';
import type { HookSecrets } from './hook-secrets.ts';

/** Which hook was called: that of a code host's instance, or that of one project. */
export type CalledHook = { readonly instance: string } | { readonly projectId: number };

/** What is answered to a hook's call. `hint`: nothing of it was believed; the repository is looked at soon. */
export type Received = { readonly kind: 'delivery'; readonly id: number } | { readonly kind: 'hint' };

/** Headers that are kept with a delivery: what plugins read, nothing that identifies a person's browser. */
const KEPT_HEADERS = /^(x-|content-type$|user-agent$)/;

/** Takes in what code hosts send: checks it, writes it down, and lets it be worked on later. Any server may; one works. */
export class Deliveries {
  constructor(
    private readonly pool: Pool,
    private readonly registry: Registry,
    private readonly secrets: HookSecrets,
    private readonly wake: () => void,
  ) {}

  /**
   * Throws `not-found` for a hook that is none, `unauthorized` for a call that is not signed as it must be, `conflict` for one that was taken before, unless working on it failed: then
   * nothing has changed. A code host without signatures gives hints, which are believed as far as to look.
   */
  async receive(hook: CalledHook, delivery: Delivery): Promise<Received> {
    const { instance, provider, projectId } = await this.find(hook);
    if (provider.webhooks === undefined) return await this.hint(projectId);
    await this.verify(provider.webhooks, delivery, projectId);
    const id = await this.write(instance, provider.webhooks, projectId, delivery);
    this.wake();
    return { kind: 'delivery', id };
  }

  private async find(hook: CalledHook): Promise<{ instance: string; provider: ScmProvider; projectId: number | null }> {
    const projectId = 'projectId' in hook ? hook.projectId : null;
    const instance = 'instance' in hook ? hook.instance : await this.instanceOf(hook.projectId);
    const provider = this.registry.find('scm', instance);
    if (provider === null || (projectId === null && provider.webhooks === undefined))
      throw new CoreError('not-found', 'There is no such hook: see the settings of the project for its address.');
    return { instance, provider, projectId };
  }

  private async instanceOf(projectId: number): Promise<string> {
    const { rows } = await this.pool.query<{ scm: string }>('select scm from projects where id = $1', [projectId]);
    // The same words as for a hook that is none: who calls without a signature learns nothing of what there is.
    return rows[0]?.scm ?? '';
  }

  private async hint(projectId: number | null): Promise<Received> {
    await lookSoon(this.pool, projectId);
    this.wake();
    return { kind: 'hint' };
  }

  private async verify(webhooks: Webhooks, delivery: Delivery, projectId: number | null): Promise<void> {
    const secret = projectId === null ? webhooks.secret : await this.secrets.get(projectId);
    try {
      // Without a secret nothing can be right; it is compared all the same, so that nobody sees from outside which hooks are set up.
      webhooks.verify(delivery, [secret ?? randomBytes(32).toString('hex')]);
    } catch (error) {
      if (!isPluginError(error, 'unauthorized')) throw error;
      throw new CoreError('unauthorized', error.message, { cause: error });
    }
  }

  private async write(instance: string, webhooks: Webhooks, projectId: number | null, delivery: Delivery): Promise<number> {
    const headers = Object.fromEntries(Object.entries(delivery.headers).filter(([name]) => KEPT_HEADERS.test(name)));
    const hook = projectId === null ? 'instance' : `project:${projectId}`;
    const digest = createHash('sha256').update(delivery.body).digest();
    const hostId = webhooks.idOf(delivery);
    const { rows } = await this.pool.query<{ id: number }>(
      `with again as (
         update deliveries set state = 'received', outcome = null
         where instance = $1 and hook = $2 and (host_id = $4 or digest = $5) and state = 'failed' returning id),
       made as (
         insert into deliveries (instance, hook, project_id, host_id, digest, event, headers, body, repository)
         select $1, $2, $3, $4, $5, $6, $7, $8, $9 where not exists (select from again) on conflict do nothing returning id)
       select id from made union all select id from again`,
      [
        instance,
        hook,
        projectId,
        hostId,
        digest,
        readableText(webhooks.nameOf(delivery)).slice(0, 200),
        JSON.stringify(headers),
        delivery.body,
        repositoryOf(webhooks, delivery),
      ],
    );
    const [row] = rows;
    if (row === undefined)
      throw new CoreError('conflict', 'This delivery was taken before: it is not processed again. It can be replayed from the pages.');
    return row.id;
  }
}

/** The repository that a delivery is about; null where it is about none, or where the plugin fails at it: that is told when it is worked on. */
function repositoryOf(webhooks: Webhooks, delivery: Delivery): string | null {
  try {
    const event = webhooks.parse(delivery);
    return 'repository' in event ? readableText(event.repository) : null;
  } catch {
    return null;
  }
}
