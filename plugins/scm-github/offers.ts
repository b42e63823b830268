import { z } from 'zod';
import type { Logger, RepositoryOffer } from '#plugins/api';
import type { GithubAccess } from './client/access.ts';
import type { GithubApi } from './client/github-api.ts';

const Offer = z.object({ clone_url: z.string(), full_name: z.string(), private: z.boolean(), description: z.string().nullish() });
const InstallationPage = z.object({ repositories: z.array(Offer) });

/** More than anybody picks from a list; beyond it the log says that some are left out. */
const MOST = 2000;

/**
 * The repositories that the instance's App or token reaches; none without either. Source: https://docs.github.com/en/rest/apps/installations and
 * https://docs.github.com/en/rest/repos/repos#list-repositories-for-the-authenticated-user
 */
export async function offeredRepositories(access: GithubAccess, logger: Logger, signal: AbortSignal): Promise<readonly RepositoryOffer[]> {
  const offers: RepositoryOffer[] = [];
  for (const { id, owner, isSuspended } of await access.installed(signal)) {
    if (isSuspended) logger.info('an installation of the GitHub App is suspended: its repositories are left out', { owner });
    else offers.push(...(await ofInstallation(access.asInstallation(id), owner, signal)));
  }
  const api = await access.forInstance();
  return api === null ? offers : await ofToken(api, signal);
}

async function ofInstallation(api: GithubApi, owner: string, signal: AbortSignal): Promise<RepositoryOffer[]> {
  const call = { route: 'GET /installation/repositories', what: `list the repositories of ${owner}` };
  const found = await api.list({ schema: InstallationPage, pick: (page) => page.repositories, most: MOST }, call, signal);
  return found.map(offerOf);
}

async function ofToken(api: GithubApi, signal: AbortSignal): Promise<RepositoryOffer[]> {
  const call = { route: 'GET /user/repos', what: 'list the repositories of our token', parameters: { sort: 'pushed' } };
  const found = await api.list({ schema: z.array(Offer), pick: (page) => page, most: MOST }, call, signal);
  return found.map(offerOf);
}

function offerOf({ clone_url: url, full_name: name, private: isPrivate, description }: z.infer<typeof Offer>): RepositoryOffer {
  return { url, name, isPrivate, description: (description ?? '').replace(/\s+/g, ' ').trim() };
}
