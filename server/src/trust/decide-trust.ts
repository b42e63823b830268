import type { Contributor, HostPermission, PullRequest } from '#plugins/api';
import type { BuildTrust, TrustPolicy } from '#server/api';
import { isPluginError } from '#plugins/api';

/** Where it is looked up who somebody is. Every answer may be refused: then nobody is trusted because of it. */
export interface TrustSources {
  /** Whether the project lists him. A name that another account has taken over since is not his. */
  isListed(who: Contributor): Promise<boolean>;
  permission(who: Contributor): Promise<HostPermission>;
  isMember(group: string, who: Contributor): Promise<boolean>;
  hasMerged(who: Contributor): Promise<boolean>;
}

/** What becomes of a change. `ignored`: nothing is built. */
export interface TrustDecision {
  readonly level: Exclude<BuildTrust, 'approved' | 'refused'> | 'ignored';
  /** In words. */
  readonly reason: string | null;
}

/** A reason to trust somebody that a project may have. */
interface Reason {
  readonly applies: boolean;
  readonly words: string;
  readonly ask: () => Promise<boolean>;
}

/**
 * How far a pull request is trusted: by who opened it, if nobody but him, or who may write to the repository anyhow, can push to where it comes from. `base`: the
 * repository it goes to, as `ScmProvider.identify` has it. Whatever cannot be found out counts against him, and is said. Asks no more than it must, and fetches
 * nothing.
 */
export async function decideTrust(
  { author, headRepository }: Pick<PullRequest, 'author' | 'headRepository'>,
  base: string,
  policy: TrustPolicy,
  sources: TrustSources,
): Promise<TrustDecision> {
  if (headRepository === null) return untrusted(policy, 'the repository that it comes from is gone', []);
  if (!isWithin(base, headRepository) && !isOf(author.name, headRepository))
    return untrusted(policy, `it comes from ${headRepository}, where others than ${author.name} may push, too`, []);
  const unknown: string[] = [];
  for (const reason of reasonsFor(author, policy, sources)) {
    if (!reason.applies) continue;
    const answer = await ask(reason);
    if (answer === true) return { level: 'trusted', reason: `${author.name} ${reason.words}` };
    if (answer !== false) unknown.push(answer);
  }
  return untrusted(policy, `${author.name} is not trusted here`, unknown);
}

/** Whether a pull request comes from the repository it goes to. */
function isWithin(base: string, headRepository: string): boolean {
  const [whole, head] = [base.toLowerCase(), headRepository.toLowerCase()];
  return whole === head || whole.endsWith(`/${head}`);
}

/** Whether it comes from a fork under its author's own name; Bitbucket Data Center writes a `~` before people's. */
function isOf(author: string, headRepository: string): boolean {
  const [owner = ''] = headRepository.split('/');
  return owner.replace(/^~/, '').toLowerCase() === author.toLowerCase();
}

function reasonsFor(author: Contributor, policy: TrustPolicy, sources: TrustSources): Reason[] {
  return [
    { applies: true, words: 'is one of its trusted contributors', ask: () => sources.isListed(author) },
    { applies: policy.writers, words: 'may write to the repository', ask: async () => mayWrite(await sources.permission(author)) },
    ...policy.groups.map((group): Reason => ({ applies: true, words: `is a member of ${group}`, ask: () => sources.isMember(group, author) })),
    { applies: policy.merged, words: 'has had a pull request merged before', ask: () => sources.hasMerged(author) },
  ];
}

/** Whether somebody with that permission may push. */
export function mayWrite(permission: HostPermission): boolean {
  return permission === 'admin' || permission === 'write';
}

/** The answer; or, where there is none, why. What is no answer of the code host's is thrown on. */
async function ask({ ask: look }: Reason): Promise<boolean | string> {
  try {
    return await look();
  } catch (error) {
    if (!isPluginError(error)) throw error;
    return error.message;
  }
}

const LEVELS = { hold: 'held', run: 'untrusted', ignore: 'ignored' } as const;

function untrusted(policy: TrustPolicy, reason: string, unknown: readonly string[]): TrustDecision {
  const told = unknown.length === 0 ? reason : `${reason}; not everything could be asked: ${unknown.join(' ')}`;
  return { level: LEVELS[policy.untrusted], reason: told };
}
