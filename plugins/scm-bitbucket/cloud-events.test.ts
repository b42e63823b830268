import { describe, expect, it } from 'vitest';
import { HostEvent } from '#plugins/api';
import { Addresses } from './addresses.ts';
import { readCloudEvent } from './cloud/events.ts';
import { BitbucketConfig } from './config.ts';

const addresses = new Addresses(BitbucketConfig.parse({}));
const ONE = '1'.repeat(40);
const TWO = '2'.repeat(40);
const ada = { nickname: 'ada', uuid: '{00000000-0000-0000-0000-00000000000a}', display_name: 'Ada L.' };
const repository = { full_name: 'Ada/Demo', scm: 'git' };

function read(key: string, payload: unknown): HostEvent {
  const event = readCloudEvent(key, payload, addresses);
  expect(HostEvent.parse(event)).toEqual(event);
  return event;
}

function side(type: string, name: string, hash: string): object {
  return { type, name, target: { type: 'commit', hash } };
}

function push(...changes: readonly object[]): HostEvent {
  return read('repo:push', { actor: ada, repository, push: { changes } });
}

function request(changes: object = {}): object {
  const source = { branch: { name: 'typo' }, commit: { hash: 'abcdef012345' }, repository: { full_name: 'eve/demo' } };
  const destination = { branch: { name: 'main' }, commit: { hash: '0123456789ab' }, repository };
  return { id: 7, title: 'A typo', state: 'OPEN', author: ada, source, destination, ...changes };
}

describe('a push to Bitbucket Cloud', () => {
  it('tells of every ref: moved, new, deleted; branches and tags', () => {
    const event = push(
      { old: side('branch', 'main', ONE), new: side('branch', 'main', TWO), truncated: false },
      { old: null, new: side('branch', 'new', ONE) },
      { old: side('branch', 'gone', ONE), new: null },
      { new: side('tag', 'v1', ONE) },
      { new: side('annotated_tag', 'v2', TWO), old: side('annotated_tag', 'v2', ONE) },
    );
    expect(event).toEqual({
      kind: 'push',
      repository: 'bitbucket.org/ada/demo',
      by: { id: ada.uuid, name: 'ada' },
      truncated: false,
      refs: [
        { kind: 'branch', name: 'main', commit: TWO, before: ONE },
        { kind: 'branch', name: 'new', commit: ONE, before: null },
        { kind: 'branch', name: 'gone', commit: null, before: ONE },
        { kind: 'tag', name: 'v1', commit: ONE, before: null },
        { kind: 'tag', name: 'v2', commit: TWO, before: ONE },
      ],
    });
  });

  it('asks for a look where the host left something out', () => {
    expect(push()).toMatchObject({ kind: 'push', refs: [], truncated: true });
    expect(push({ new: side('branch', 'main', ONE), old: null, truncated: true })).toMatchObject({ refs: [{ name: 'main' }], truncated: true });
    expect(push({ new: side('bookmark', 'main', ONE), old: null })).toMatchObject({ refs: [], truncated: true });
    expect(push({ new: { type: 'branch', name: 'main' }, old: null })).toMatchObject({ refs: [], truncated: true });
    expect(push({ new: null, old: null })).toMatchObject({ refs: [], truncated: true });
  });

  it('is ignored for Mercurial, for another shape, and for names that are none', () => {
    const payload = { actor: ada, push: { changes: [{ new: side('branch', 'main', ONE) }] } };
    expect(read('repo:push', { ...payload, repository: { ...repository, scm: 'hg' } })).toMatchObject({
      kind: 'ignored',
      reason: expect.stringMatching(/Mercurial/i),
    });
    expect(read('repo:push', payload)).toMatchObject({ kind: 'ignored', reason: expect.stringMatching(/repository/i) });
    expect(read('repo:push', { ...payload, repository: { full_name: '../demo' } })).toMatchObject({ kind: 'ignored' });
    expect(push({ new: side('branch', 'main', 'main; rm -rf /'), old: null })).toMatchObject({ kind: 'ignored' });
  });

  it('may be by nobody, or by somebody of a shape that is not known', () => {
    expect(read('repo:push', { actor: 'ada', repository, push: { changes: [] } })).toMatchObject({ kind: 'push', by: null });
    expect(read('repo:push', { repository, push: { changes: [{ new: side('branch', 'main', ONE) }] } })).toMatchObject({ kind: 'push', by: null });
  });
});

describe('a pull request at Bitbucket Cloud', () => {
  it('is told of with the repository that it comes from', () => {
    expect(read('pullrequest:created', { actor: ada, repository, pullrequest: request() })).toEqual({
      kind: 'pull-request',
      repository: 'bitbucket.org/ada/demo',
      action: 'opened',
      pullRequest: {
        number: 7,
        title: 'A typo',
        author: { id: ada.uuid, name: 'ada' },
        baseBranch: 'main',
        baseCommit: null,
        headBranch: 'typo',
        headCommit: 'abcdef012345',
        headRepository: 'eve/demo',
        headRef: null,
        headUrl: 'https://bitbucket.org/eve/demo.git',
        isOpen: true,
        webUrl: 'https://bitbucket.org/Ada/Demo/pull-requests/7',
      },
    });
  });

  it('of a branch of the repository itself is fetched by that branch', () => {
    const source = { branch: { name: 'typo' }, commit: { hash: ONE }, repository: { full_name: 'ada/demo' } };
    const event = read('pullrequest:updated', { repository, pullrequest: request({ source }) });
    expect(event).toMatchObject({
      action: 'updated',
      pullRequest: { headCommit: ONE, headRef: 'refs/heads/typo', headUrl: null, headRepository: 'ada/demo' },
    });
  });

  it('may have lost its repository and its author', () => {
    const source = { branch: { name: 'typo' }, commit: { hash: ONE }, repository: null };
    const event = read('pullrequest:updated', { repository, pullrequest: request({ source, author: null }) });
    expect(event).toMatchObject({
      pullRequest: { headRepository: null, headUrl: null, headRef: null, author: { id: null, name: '(deleted account)' } },
    });
  });

  it.each(['pullrequest:fulfilled', 'pullrequest:rejected'])('is closed by %s, whatever its state says', (key) => {
    expect(read(key, { repository, pullrequest: request() })).toMatchObject({ action: 'closed', pullRequest: { isOpen: false } });
  });

  it('is not open when it is superseded', () => {
    expect(read('pullrequest:updated', { repository, pullrequest: request({ state: 'SUPERSEDED' }) })).toMatchObject({
      pullRequest: { isOpen: false },
    });
  });

  it('is ignored where its commit is gone', () => {
    const source = { branch: { name: 'typo' }, commit: null, repository: null };
    expect(read('pullrequest:updated', { repository, pullrequest: request({ source }) })).toMatchObject({ kind: 'ignored' });
  });
});

describe('a comment at Bitbucket Cloud', () => {
  const comment = { content: { raw: 'terrarium: ok' }, created_on: '2026-01-02T03:04:05.678901+00:00' };

  it('says who, what and when, but no abbreviated commit', () => {
    const eve = { ...ada, nickname: 'eve', uuid: '{00000000-0000-0000-0000-00000000000e}' };
    const event = read('pullrequest:comment_created', { actor: ada, repository, pullrequest: request(), comment: { ...comment, user: eve } });
    expect(event).toEqual({
      kind: 'comment',
      repository: 'bitbucket.org/ada/demo',
      number: 7,
      by: { id: eve.uuid, name: 'eve' },
      text: 'terrarium: ok',
      commit: null,
      at: '2026-01-02T03:04:05.678Z',
    });
  });

  it('is by the actor where it names nobody itself', () => {
    const event = read('pullrequest:comment_created', { actor: ada, repository, pullrequest: request(), comment: { content: comment.content } });
    expect(event).toMatchObject({ by: { id: ada.uuid }, at: null });
  });

  it.each(['pullrequest:comment_updated', 'pullrequest:approved', 'repo:fork', 'issue:created', 'diagnostics:ping', 'constructor', 'toString'])(
    'is not what %s is about: ignored',
    (key) => {
      expect(read(key, { actor: ada, repository, pullrequest: request(), comment })).toMatchObject({
        kind: 'ignored',
        reason: expect.stringContaining(key),
      });
    },
  );
});
