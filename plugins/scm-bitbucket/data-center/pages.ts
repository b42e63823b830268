import { z, type ZodType } from 'zod';
import { PluginError, type Repository } from '#plugins/api';
import type { ApiCall, ApiClient } from '../http/api-client.ts';

const MOST_PAGES = 1000;

/** Everything of a list, page by page as it is read. Throws `unavailable` for a list without an end. */
export async function* dataCenterList<T>(
  client: ApiClient,
  call: ApiCall,
  item: ZodType<T>,
  repository: Repository | null,
  signal: AbortSignal,
): AsyncGenerator<T> {
  const Page = z.object({ values: z.array(item), isLastPage: z.boolean(), nextPageStart: z.number().int().nullish() });
  let start = 0;
  for (let count = 1; count <= MOST_PAGES; count += 1) {
    const query = { limit: '100', ...call.query, start: String(start) };
    const page = await client.json({ ...call, query }, Page, repository, signal);
    yield* page.values;
    if (page.isLastPage) return;
    if (typeof page.nextPageStart !== 'number' || page.nextPageStart <= start)
      throw new PluginError('unavailable', `Bitbucket's list of ${call.path.join('/')} does not say where it goes on.`);
    start = page.nextPageStart;
  }
  throw new PluginError('unavailable', `Bitbucket's list of ${call.path.join('/')} has more than ${MOST_PAGES} pages.`);
}
