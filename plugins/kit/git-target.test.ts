import { describe, expect, it } from 'vitest';
import type { GitListing } from './git-listing.ts';
import { findTarget, historyToSearch } from './git-target.ts';
import { parseGitUrl } from './git-url.ts';

const url = parseGitUrl('https://example.org/demo');
const id = (digit: string): string => digit.repeat(40);
const [A, B, C, D] = [id('a'), id('b'), id('c'), id('d')];

function listing(refs: Readonly<Record<string, string>>, defaultBranch: string | null = 'main'): GitListing {
  return { refs: new Map(Object.entries(refs).map(([name, commit]) => [name, { object: commit, commit }])), defaultBranch, head: A };
}

describe('findTarget of a commit id', () => {
  const read = listing({
    'refs/heads/also': A,
    'refs/heads/main': A,
    'refs/heads/side': B,
    'refs/heads/zoo': B,
    'refs/tags/v1': B,
    'refs/tags/v2': C,
    'refs/tags/v3': C,
    'refs/pull/7/head': D,
  });

  it('is the branch that it is the head of, the default branch before others', () => {
    expect(findTarget(read, A, url)).toMatchObject({ branch: 'main', ref: 'refs/heads/main', tag: null });
    expect(findTarget(read, B, url)).toMatchObject({ branch: 'side', ref: 'refs/heads/side', tag: null });
  });

  it('is the tag that alone stands for it', () => {
    expect(findTarget(read, C, url)).toMatchObject({ branch: 'v2', ref: 'refs/tags/v2', tag: 'v2' });
  });

  it('is nobody’s where neither stands for it, until the history of the default branch was searched', () => {
    const nobodys = { commit: D, branch: '', tag: null, pullRequest: null };
    expect(findTarget(read, D, url)).toEqual({ ...nobodys, ref: 'refs/heads/main' });
    expect(historyToSearch(read, { ...nobodys, ref: null })).toEqual({ branch: 'main', head: { commit: A, ref: 'refs/heads/main' } });
    expect(historyToSearch(read, findTarget(read, C, url))).toBeNull();
    expect(historyToSearch(listing({}, null), { ...nobodys, ref: null })).toBeNull();
  });
});

describe('findTarget of a full ref', () => {
  it('that is neither a branch nor a tag is what its commit is', () => {
    const read = listing({ 'refs/heads/main': A, 'refs/tags/mine': B, 'refs/pull/7/head': B, 'refs/pull/8/head': D });
    expect(findTarget(read, 'refs/pull/7/head', url)).toMatchObject({ commit: B, branch: 'mine', tag: 'mine' });
    expect(findTarget(read, 'refs/pull/8/head', url)).toMatchObject({ commit: D, branch: '', tag: null, ref: 'refs/pull/8/head' });
  });

  it('comes before a branch or a tag that is only called so', () => {
    const read = listing({ 'refs/heads/main': A, 'refs/heads/refs/heads/main': B, 'refs/tags/refs/heads/main': C, 'refs/heads/refs/tags/v1': B });
    expect(findTarget(read, 'refs/heads/main', url)).toMatchObject({ commit: A, branch: 'main' });
    expect(findTarget(read, 'refs/heads/refs/heads/main', url)).toMatchObject({ commit: B, branch: 'refs/heads/main' });
    expect(findTarget(read, 'refs/tags/v1', url)).toMatchObject({ commit: B, branch: 'refs/tags/v1', tag: null });
  });
});
