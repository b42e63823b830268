import { PluginError } from '#plugins/api';
import type { HookSetup, HookView } from '#server/api';
import type { Audit } from '../audit/audit.ts';
import type { Links } from '../common/links.ts';
import type { Sources } from '../projects/sources.ts';
import type { HookSecrets } from './hook-secrets.ts';

/** How projects' code hosts are made to call us. */
export class ProjectHooks {
  constructor(
    private readonly sources: Sources,
    private readonly secrets: HookSecrets,
    private readonly links: Links,
    private readonly audit: Audit,
  ) {}

  /** Throws `not-found`. */
  async show(projectId: number): Promise<HookView> {
    const { scm } = await this.sources.open(projectId);
    const url = this.links.projectHook(projectId);
    return {
      url,
      hasSecret: (await this.secrets.get(projectId)) !== null,
      canEnsure: scm.webhooks?.ensure !== undefined,
      recipe: scm.hookRecipe?.(url) ?? null,
    };
  }

  /**
   * Sets the hook up at the code host or, where that cannot be done from here, gives the secret to set it up by hand with. Throws what the code host says against
   * it.
   */
  async set(projectId: number, by: string, signal: AbortSignal): Promise<HookSetup> {
    const { scm, repository } = await this.sources.open(projectId);
    if (scm.webhooks === undefined) throw new PluginError('unsupported', 'This code host signs nothing: use the lines that are shown for it.');
    const secret = await this.secrets.make(projectId);
    const url = this.links.projectHook(projectId);
    const outcome = scm.webhooks.ensure ? await scm.webhooks.ensure(repository, { url, secret }, signal) : 'by hand';
    await this.audit.note({ who: by, action: 'hook.set', target: `project ${projectId}`, details: { outcome } });
    return { ...(await this.show(projectId)), secret: scm.webhooks.ensure ? null : secret, outcome };
  }

  /** Another secret from now on, for a hook that is set up by hand. */
  async renewSecret(projectId: number, by: string): Promise<HookSetup> {
    const secret = await this.secrets.renew(projectId);
    await this.audit.note({ who: by, action: 'hook.set', target: `project ${projectId}`, details: { outcome: 'new secret' } });
    return { ...(await this.show(projectId)), secret, outcome: 'new secret' };
  }
}
