import { describe, expect, it } from 'vitest';
import { HostEvent } from '#plugins/api';
import { Addresses } from './addresses.ts';
import { BitbucketConfig } from './config.ts';
import { readDataCenterEvent } from './data-center/events.ts';

const addresses = new Addresses(BitbucketConfig.parse({ flavour: 'data-center', webUrl: 'https://git.example.org' }));
const ZERO = '0'.repeat(40);
const ONE = '1'.repeat(40);
const TWO = '2'.repeat(40);
const ada = { name: 'ada', id: 5, displayName: 'Ada L.' };
const repository = { slug: 'demo', scmId: 'git', project: { key: 'PROJ' } };

function read(key: string, payload: unknown): HostEvent {
  const event = readDataCenterEvent(key, payload, addresses);
  expect(HostEvent.parse(event)).toEqual(event);
  return event;
}

function change(id: string, fromHash: string, toHash: string): object {
  return { ref: { id, displayId: id, type: 'BRANCH' }, refId: id, fromHash, toHash, type: 'UPDATE' };
}

function request(changes: object = {}): object {
  const fork = { slug: 'demo', project: { key: '~eve' } };
  const fromRef = { id: 'refs/heads/typo/one', displayId: 'typo/one', latestCommit: ONE, repository: fork };
  const toRef = { id: 'refs/heads/main', displayId: 'main', latestCommit: TWO, repository };
  return { id: 7, title: 'A typo', state: 'OPEN', fromRef, toRef, author: { user: ada }, ...changes };
}

describe('a push to a Data Center', () => {
  it('tells of every ref: moved, new, deleted; branches and tags', () => {
    const changes = [
      change('refs/heads/feature/a', ONE, TWO),
      change('refs/heads/new', ZERO, ONE),
      change('refs/heads/gone', ONE, ZERO),
      change('refs/tags/v1', ZERO, TWO),
      change('refs/notes/review', ONE, TWO),
    ];
    expect(read('repo:refs_changed', { actor: ada, date: '2026-01-02T03:04:05+0100', repository, changes })).toEqual({
      kind: 'push',
      repository: 'git.example.org/proj/demo',
      by: { id: '5', name: 'ada' },
      truncated: false,
      refs: [
        { kind: 'branch', name: 'feature/a', commit: TWO, before: ONE },
        { kind: 'branch', name: 'new', commit: ONE, before: null },
        { kind: 'branch', name: 'gone', commit: null, before: ONE },
        { kind: 'tag', name: 'v1', commit: TWO, before: null },
      ],
    });
  });

  it('asks for a look where it tells of nothing', () => {
    expect(read('repo:refs_changed', { repository, changes: [] })).toMatchObject({ kind: 'push', by: null, refs: [], truncated: true });
  });

  it('is ignored in another shape', () => {
    expect(read('repo:refs_changed', { repository, changes: [change('refs/heads/main', 'x', ONE)] })).toMatchObject({ kind: 'ignored' });
    expect(read('repo:refs_changed', { repository: { ...repository, slug: '..' }, changes: [] })).toMatchObject({ kind: 'ignored' });
    expect(read('repo:refs_changed', null)).toMatchObject({ kind: 'ignored' });
  });
});

describe('a pull request at a Data Center', () => {
  it('is told of with the ref that keeps its head', () => {
    expect(read('pr:opened', { actor: ada, pullRequest: request() })).toEqual({
      kind: 'pull-request',
      repository: 'git.example.org/proj/demo',
      action: 'opened',
      pullRequest: {
        number: 7,
        title: 'A typo',
        author: { id: '5', name: 'ada' },
        baseBranch: 'main',
        baseCommit: TWO,
        headBranch: 'typo/one',
        headCommit: ONE,
        headRepository: '~eve/demo',
        headRef: 'refs/pull-requests/7/from',
        headUrl: null,
        isOpen: true,
        webUrl: 'https://git.example.org/projects/PROJ/repos/demo/pull-requests/7',
      },
    });
  });

  it.each([
    ['pr:from_ref_updated', 'updated', true],
    ['pr:merged', 'closed', false],
    ['pr:declined', 'closed', false],
    ['pr:deleted', 'closed', false],
  ])('by %s is %s', (key, action, isOpen) => {
    expect(read(key, { pullRequest: request() })).toMatchObject({ kind: 'pull-request', action, pullRequest: { isOpen } });
  });

  it('is worth a build when it is to go to another branch, but not for a new title', () => {
    const before = (id: string): object => ({ pullRequest: request(), previousTitle: 'x', previousTarget: { id, latestCommit: TWO } });
    expect(read('pr:modified', before('refs/heads/main'))).toMatchObject({ action: 'edited' });
    expect(read('pr:modified', before('refs/heads/stable'))).toMatchObject({ action: 'updated' });
    expect(read('pr:modified', { pullRequest: request() })).toMatchObject({ action: 'edited' });
  });
});

describe('a comment at a Data Center', () => {
  const comment = (createdDate?: unknown): object => ({ pullRequest: request(), comment: { text: 'terrarium: ok', author: ada, createdDate } });

  it('says who, what, about which commit', () => {
    expect(read('pr:comment:added', comment(1_767_323_045_678))).toEqual({
      kind: 'comment',
      repository: 'git.example.org/proj/demo',
      number: 7,
      by: { id: '5', name: 'ada' },
      text: 'terrarium: ok',
      commit: null,
      at: '2026-01-02T03:04:05.678Z',
    });
  });

  it.each([
    ['2026-01-02T03:04:05.678Z', '2026-01-02T03:04:05.678Z'],
    ['2026-01-02T03:04:05+0100', '2026-01-02T02:04:05.000Z'],
    ['soon', null],
    [1e20, null],
    [undefined, null],
  ])('was written at %j, which is %j', (date, at) => {
    expect(read('pr:comment:added', comment(date))).toMatchObject({ kind: 'comment', at });
  });
});

describe('what else a Data Center sends', () => {
  it('is a ping, or ignored', () => {
    expect(read('diagnostics:ping', { test: true })).toEqual({ kind: 'ping' });
    expect(read('mirror:repo_synchronized', { changes: [] })).toMatchObject({ kind: 'ignored', reason: expect.stringMatching(/mirror/i) });
    for (const key of ['pr:reviewer:approved', 'pr:to_ref_updated', 'pr:comment:edited', 'repo:forked', 'constructor', '__proto__'])
      expect(read(key, { pullRequest: request() })).toMatchObject({ kind: 'ignored', reason: expect.stringContaining(key) });
  });
});
