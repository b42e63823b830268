import type { Change } from '../index.ts';

/** A push to a branch, for readers of CI descriptions. */
export function pushedChange(more: Partial<Change> = {}): Change {
  return {
    kind: 'push',
    branch: 'main',
    tag: null,
    commit: '1a2b3c',
    before: null,
    message: 'Say why',
    author: 'Ada',
    committedAt: '2026-01-02T03:04:05Z',
    pullRequest: null,
    repository: 'ada/engine',
    ...more,
  };
}
