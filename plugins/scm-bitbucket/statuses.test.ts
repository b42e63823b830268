import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository, StatusReport } from '#plugins/api';
import { shortKey } from './build-states.ts';
import type { FakeRepository } from './testing/fake-state.ts';
import { FLAVOURS, startSubject, type Subject } from './testing/subject.ts';

const signal = AbortSignal.timeout(600_000);

describe.each(FLAVOURS)('statuses at %s', (flavour) => {
  let subject: Subject;
  let kept: FakeRepository;
  let repository: Repository;
  let commit: string;

  beforeEach(async () => {
    subject = await startSubject(flavour);
    kept = await subject.host.createRepository('PROJ', 'demo');
    commit = await kept.commit('main', { 'a.txt': '1' });
    repository = subject.named(kept);
  });
  afterEach(() => subject.close());

  const report = async (changes: Partial<StatusReport> = {}): Promise<void> =>
    subject.provider.statuses.report(
      repository,
      {
        commit,
        key: 'terrarium',
        state: 'running',
        summary: '3 of 5 jobs',
        details: ['more'],
        annotations: [],
        url: 'https://ci.example.org/builds/7',
        branch: 'main',
        pullRequest: null,
        startedAt: '2026-01-02T03:04:05.000Z',
        finishedAt: null,
        ...changes,
      },
      signal,
    );
  const written = (): unknown[] => [...(kept.statuses.get(commit)?.values() ?? [])];

  it.each([
    ['held', 'INPROGRESS', 'INPROGRESS', 'Waits for approval: 3 of 5 jobs'],
    ['queued', 'INPROGRESS', 'INPROGRESS', '3 of 5 jobs'],
    ['running', 'INPROGRESS', 'INPROGRESS', '3 of 5 jobs'],
    ['passed', 'SUCCESSFUL', 'SUCCESSFUL', '3 of 5 jobs'],
    ['failed', 'FAILED', 'FAILED', '3 of 5 jobs'],
    ['errored', 'FAILED', 'FAILED', '3 of 5 jobs'],
    ['canceled', 'STOPPED', 'CANCELLED', '3 of 5 jobs'],
  ] as const)('%s is said', async (state, cloud, center, description) => {
    await report({ state });
    const url = 'https://ci.example.org/builds/7';
    expect(written()).toMatchObject([{ key: 'terrarium', state: flavour === 'cloud' ? cloud : center, name: 'terrarium', description, url }]);
  });

  it('are overwritten by the same key: the last one wins', async () => {
    await report();
    await report({ key: 'terrarium/3.13' });
    await report({ state: 'passed' });
    await report({ state: 'passed' });
    expect(written()).toMatchObject([
      { key: 'terrarium', state: 'SUCCESSFUL' },
      { key: 'terrarium/3.13', state: 'INPROGRESS' },
    ]);
  });

  it('have keys as long as the host takes, and their whole name', async () => {
    const key = `terrarium/${'python 3.13, '.repeat(14)}`;
    await report({ key });
    await report({ key: `${key}2` });
    const keys = [...(kept.statuses.get(commit)?.keys() ?? [])];
    expect(new Set(keys).size).toBe(2);
    expect(written()).toMatchObject([{ name: key }, { name: `${key}2` }]);
    for (const each of keys) expect(each.length).toBeLessThanOrEqual(flavour === 'cloud' ? 40 : 255);
  });

  it('say the branch, the time and the parent where the host knows such', async () => {
    await report({ state: 'passed', key: 'terrarium/3.13', finishedAt: '2026-01-02T03:04:15.000Z' });
    expect(written()).toMatchObject([flavour === 'cloud' ? { refname: 'main' } : { duration: 10_000, parent: 'terrarium' }]);
    await report({ key: 'terrarium/3.13', pullRequest: 7 });
    expect(written()).toEqual([expect.not.objectContaining({ refname: expect.anything() })]);
  });

  it('cannot be given to a commit that is not there', async () => {
    await expect(report({ commit: 'e'.repeat(40) })).rejects.toMatchObject({ code: 'not-found' });
  });
});

describe('a short key', () => {
  it('is the key itself while that fits, and one of its own where it does not', () => {
    expect(shortKey('terrarium/3.13', 40)).toBe('terrarium/3.13');
    expect(shortKey('x'.repeat(40), 40)).toBe('x'.repeat(40));
    expect(shortKey('x'.repeat(41), 40)).toMatch(/^x{27}-[0-9a-f]{12}$/);
    expect(shortKey('x'.repeat(41), 40)).not.toBe(shortKey('x'.repeat(42), 40));
    expect(shortKey(`${'x'.repeat(26)}😀${'x'.repeat(40)}`, 40)).toMatch(/^x{26}-[0-9a-f]{12}$/);
  });
});
