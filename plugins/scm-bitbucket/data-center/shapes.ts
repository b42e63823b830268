import { z } from 'zod';
import type { Contributor, PullRequest } from '#plugins/api';
import type { Address, Addresses } from '../addresses.ts';

export const DataCenterUser = z.object({ name: z.string().min(1), id: z.number().int().nullish() });
export type DataCenterUser = z.infer<typeof DataCenterUser>;

export const DataCenterCommit = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/);

export const DataCenterRepository = z.object({ slug: z.string(), project: z.object({ key: z.string() }), scmId: z.string().nullish() });
export type DataCenterRepository = z.infer<typeof DataCenterRepository>;

const Side = z.object({ id: z.string().min(1), latestCommit: DataCenterCommit, repository: DataCenterRepository.nullish() });

export const DataCenterPullRequest = z.object({
  id: z.number().int().positive(),
  title: z.string(),
  state: z.string(),
  fromRef: Side,
  toRef: Side.extend({ repository: DataCenterRepository }),
  author: z.object({ user: DataCenterUser }),
});
export type DataCenterPullRequest = z.infer<typeof DataCenterPullRequest>;

/** Who a user is. His number stays; the name may be changed by an administrator. */
export function contributorOf({ name, id }: DataCenterUser): Contributor {
  return { id: id === null || id === undefined ? null : String(id), name };
}

/** Null for one whose name no URL could hold. */
export function addressOf({ slug, project }: DataCenterRepository, addresses: Addresses): Address | null {
  return addresses.named(`${project.key}/${slug}`);
}

/** The pull request; its head is kept at a ref of the repository that it goes to. */
export function pullRequestOf(found: DataCenterPullRequest, base: Address, addresses: Addresses): PullRequest {
  const { id, title, state, fromRef, toRef, author } = found;
  const origin = fromRef.repository ? addressOf(fromRef.repository, addresses) : null;
  return {
    number: id,
    title,
    author: contributorOf(author.user),
    baseBranch: branchName(toRef.id),
    baseCommit: toRef.latestCommit,
    headBranch: branchName(fromRef.id),
    headCommit: fromRef.latestCommit,
    headRepository: origin === null ? null : `${origin.owner}/${origin.slug}`,
    headRef: `refs/pull-requests/${id}/from`,
    headUrl: null,
    isOpen: state === 'OPEN',
    webUrl: addresses.pullRequestPage(base, id),
  };
}

/** A branch without what git writes before it. */
export function branchName(ref: string): string {
  return ref.replace(/^refs\/heads\/(?=.)/, '');
}
