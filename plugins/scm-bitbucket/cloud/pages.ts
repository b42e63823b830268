import { z, type ZodType } from 'zod';
import { PluginError, type Repository } from '#plugins/api';
import type { ApiCall, ApiClient } from '../http/api-client.ts';

const MOST_PAGES = 1000;

/** Everything of a list, page by page as it is read. Throws `unavailable` for a list without an end. */
export async function* cloudList<T>(
  client: ApiClient,
  call: ApiCall,
  item: ZodType<T>,
  repository: Repository | null,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const Page = z.object({ values: z.array(item), next: z.string().nullish() });
  let page = await client.json({ ...call, query: { pagelen: '50', ...call.query } }, Page, repository, signal);
  for (let count = 1; ; count += 1) {
    yield* page.values;
    if (typeof page.next !== 'string') return;
    if (count === MOST_PAGES) throw new PluginError('unavailable', `Bitbucket's list of ${call.path.join('/')} has more than ${MOST_PAGES} pages.`);
    page = await client.follow(page.next, Page, repository, signal);
  }
}
