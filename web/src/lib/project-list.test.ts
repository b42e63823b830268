import type { BuildSummary, ProjectView } from '#server/api';
import { describe, expect, it } from 'vitest';
import { withBuild, withNewestBuild } from './project-list.ts';
import { projectsSentence, sortProjects } from './projects.ts';

function build(number: number, branch = 'main', state: BuildSummary['state'] = 'passed'): BuildSummary {
  const change = { kind: 'push' as const, branch, tag: null, commit: 'c0ffee', message: 'm', author: 'a', committedAt: null, pullRequest: null };
  const trust = { level: 'trusted' as const, reason: null, contributor: null };
  return { id: number, projectId: 1, projectName: 'six', number, state, change, trust, counts: {}, createdAt: '', startedAt: null, finishedAt: null };
}

function project(lastBuild: BuildSummary | null, name = 'six'): ProjectView {
  const trust = { untrusted: 'hold' as const, writers: true, groups: [], merged: false, comments: true };
  const settings = {
    pollSeconds: null,
    cancelSuperseded: true,
    isolation: 'none' as const,
    shellWithSecrets: false,
    trust,
    statuses: 'none' as const,
  };
  const abilities = { webhooks: false, statuses: false, people: false, pullRequests: false };
  return {
    id: 1,
    name,
    url: '',
    scm: 'git',
    defaultBranch: 'main',
    settings,
    abilities,
    fork: null,
    groups: [],
    hasCredentials: false,
    secretNames: [],
    lastBuild,
    createdAt: '',
  };
}

describe('withNewestBuild', () => {
  const lastAfter = (last: BuildSummary | null, news: BuildSummary): number | undefined =>
    withNewestBuild([project(last)], news)[0]?.lastBuild?.number;

  it('takes the first, newer ones, and news of the same', () => {
    expect(lastAfter(null, build(1))).toBe(1);
    expect(lastAfter(build(1), build(2))).toBe(2);
    expect(withNewestBuild([project(build(1))], build(1, 'main', 'failed'))[0]?.lastBuild?.state).toBe('failed');
  });

  it('does not go back, nor to a branch that does not count', () => {
    expect(lastAfter(build(5), build(4))).toBe(5);
    expect(lastAfter(build(5), build(6, 'topic'))).toBe(5);
    expect(lastAfter(build(7, 'topic'), build(6))).toBe(6);
  });
});

describe('withBuild', () => {
  it('replaces, puts on top, and leaves what is older than the list to its page', () => {
    const list = [build(9), build(8)];
    expect(withBuild(list, build(8, 'main', 'failed')).map((each) => each.state)).toEqual(['passed', 'failed']);
    expect(withBuild(list, build(10)).map((each) => each.number)).toEqual([10, 9, 8]);
    expect(withBuild(list, build(2)).map((each) => each.number)).toEqual([9, 8]);
    expect(withBuild([], build(1))).toHaveLength(1);
  });
});

describe('projectsSentence', () => {
  it('answers whether anything is broken', () => {
    expect(projectsSentence([project(build(1)), project(null)])).toBe('Nothing is broken in 2 projects.');
    expect(projectsSentence([project(build(1, 'main', 'failed'), 'a'), project(build(1, 'main', 'failed'), 'b')])).toBe('a and b are broken.');
  });

  it('has broken ones first in the list', () => {
    expect(sortProjects([project(null, 'a'), project(build(1, 'main', 'failed'), 'z')]).map((each) => each.name)).toEqual(['z', 'a']);
  });
});
