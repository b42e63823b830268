import { z } from 'zod';
import { CoreError } from '../../common/errors.ts';
import type { GithubUser } from './github-strategy.ts';

const Membership = z.object({ state: z.string() });
const PATIENCE_MS = 15_000;

/**
 * Whether somebody is an active member of one of the organisations, as GitHub says when asked with his own token (scope `read:org`):
 * https://docs.github.com/en/rest/orgs/members#get-an-organization-membership-for-the-authenticated-user. Throws `unavailable`.
 */
export async function isMemberOfAny(apiUrl: string, user: GithubUser, organisations: readonly string[]): Promise<boolean> {
  for (const organisation of organisations) if (await isMember(apiUrl, user, organisation)) return true;
  return false;
}

async function isMember(apiUrl: string, { accessToken }: GithubUser, organisation: string): Promise<boolean> {
  const response = await ask(`${apiUrl}/user/memberships/orgs/${encodeURIComponent(organisation)}`, accessToken);
  // He is none, or the organisation does not let this app see it.
  if (response.status === 404 || response.status === 403) return false;
  if (!response.ok)
    throw new CoreError('unavailable', `GitHub answered ${response.status} when asked who is in ${organisation}; try again in a moment.`);
  return Membership.parse(await response.json()).state === 'active';
}

async function ask(url: string, accessToken: string): Promise<Response> {
  const headers = { accept: 'application/vnd.github+json', authorization: `Bearer ${accessToken}`, 'user-agent': 'terrarium' };
  try {
    return await fetch(url, { headers, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (cause) {
    throw new CoreError('unavailable', 'GitHub could not be asked who is in an organisation; try again in a moment.', { cause });
  }
}
