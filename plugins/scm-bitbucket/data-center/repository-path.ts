import type { Repository } from '#plugins/api';
import type { Addresses } from '../addresses.ts';

/** Where a repository is in the API. Throws `invalid` for a URL of another host. */
export function repositoryPath(addresses: Addresses, repository: Repository): string[] {
  const { owner, slug } = addresses.open(repository.url);
  return ['projects', owner, 'repos', slug];
}
