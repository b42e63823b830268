import { z } from 'zod';
import type { Contributor, PullRequest } from '#plugins/api';
import type { Address, Addresses } from '../addresses.ts';

/** An account as payloads and answers have it. Old ones have a user name, deleted ones hardly anything. */
export const CloudAccount = z.object({
  uuid: z.string().min(1).nullish(),
  nickname: z.string().nullish(),
  username: z.string().nullish(),
  display_name: z.string().nullish(),
});
export type CloudAccount = z.infer<typeof CloudAccount>;

/** A full commit id. */
export const CloudCommit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);
/** A commit id, of pull requests cut to 12 digits. */
const ShortCommit = z.string().regex(/^[0-9a-f]{7,64}$/);

export const CloudRepository = z.object({ full_name: z.string(), scm: z.string().nullish() });

const Side = z.object({
  branch: z.object({ name: z.string().min(1) }),
  commit: z.object({ hash: ShortCommit }).nullish(),
  repository: CloudRepository.nullish(),
});

export const CloudPullRequest = z.object({
  id: z.number().int().positive(),
  title: z.string(),
  state: z.string(),
  author: CloudAccount.nullish(),
  source: Side,
  destination: Side,
});
export type CloudPullRequest = z.infer<typeof CloudPullRequest>;

const CLOSED = new Set(['MERGED', 'DECLINED', 'SUPERSEDED']);

/** Who an account is. Its uuid stays for ever, the nickname may change at any time and is not unique. */
export function contributorOf(account: CloudAccount | null | undefined): Contributor {
  const name = [account?.nickname, account?.username, account?.display_name, account?.uuid].find(
    (each) => each !== undefined && each !== null && each !== '',
  );
  return { id: account?.uuid ?? null, name: name ?? '(deleted account)' };
}

/**
 * The pull request. Cloud has no refs for them: the head is to be had at its branch, of the same repository or of the one that it comes from. Ids may be
 * abbreviated: that of the head is passed on as it is, an abbreviated one of the base says nothing. Null where no head is named any more: there is nothing to build.
 */
export function pullRequestOf(found: CloudPullRequest, base: Address, addresses: Addresses): PullRequest | null {
  const { id, title, state, author, source, destination } = found;
  if (!source.commit) return null;
  const origin = source.repository ? addresses.named(source.repository.full_name) : null;
  const inside = origin !== null && addresses.identity(origin) === addresses.identity(base);
  return {
    number: id,
    title,
    author: contributorOf(author),
    baseBranch: destination.branch.name,
    baseCommit: CloudCommit.safeParse(destination.commit?.hash).data ?? null,
    headBranch: source.branch.name,
    headCommit: source.commit.hash,
    headRepository: origin === null ? null : `${origin.owner}/${origin.slug}`,
    headRef: inside ? `refs/heads/${source.branch.name}` : null,
    headUrl: origin === null || inside ? null : addresses.cloneUrl(origin),
    isOpen: !CLOSED.has(state),
    webUrl: addresses.pullRequestPage(base, id),
  };
}
