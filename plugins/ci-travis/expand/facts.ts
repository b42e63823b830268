import type { Change } from '#plugins/api';
import type { JsonObject } from '../document/value.ts';

const TYPES: Readonly<Record<Change['kind'], string>> = {
  push: 'push',
  tag: 'push',
  'pull-request': 'pull_request',
  schedule: 'cron',
  manual: 'api',
};

/**
 * What conditions may know of a change, by Travis's names. A manual request that names no branch is nobody's change yet: it is taken for a push
 * to `master` of which nothing else is known, so that a description can be looked at without a repository.
 */
export function factsOf(change: Change): JsonObject {
  if (change.kind === 'manual' && change.branch === '') return { type: 'push', branch: 'master' };
  const { pullRequest } = change;
  return {
    type: TYPES[change.kind],
    branch: change.tag ?? change.branch,
    tag: change.tag,
    commit_message: change.message === '' ? null : change.message,
    sender: change.author === '' ? null : change.author,
    repo: change.repository === '' ? null : change.repository,
    head_repo: pullRequest?.headRepository ?? null,
    head_branch: pullRequest?.headBranch ?? null,
    fork: pullRequest === null ? false : pullRequest.headRepository !== change.repository,
    draft: false,
  };
}
