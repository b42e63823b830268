import type { Pool } from 'pg';
import type { CodeHostView, RepositoryOfferView } from '#server/api';
import { CoreError } from '../common/errors.ts';
import type { Registry } from '../plugins/index.ts';

/** The code hosts that projects can be of. */
export class CodeHosts {
  constructor(
    private readonly pool: Pool,
    private readonly registry: Registry,
  ) {}

  list(): CodeHostView[] {
    return this.registry.all('scm').map(({ name, plugin, extension }) => ({ name, plugin, canList: extension.repositories !== undefined }));
  }

  /** What a host's own credentials reach. Throws `not-found` for a host that is not here or cannot list; what it says against it is thrown on. */
  async repositories(name: string, signal: AbortSignal): Promise<RepositoryOfferView[]> {
    const host = this.registry.find('scm', name);
    if (host?.repositories === undefined) throw new CoreError('not-found', `The code host "${name}" lists no repositories: give the URL of one.`);
    const offers = await host.repositories(signal);
    const { rows } = await this.pool.query<{ id: number; url: string }>('select id, url from projects where scm = $1', [name]);
    const projects = new Map(rows.map(({ id, url }) => [host.identify(url), id]));
    return offers.map((offer) => ({ ...offer, projectId: projects.get(host.identify(offer.url)) ?? null }));
  }
}
