import { describe, expect, it } from 'vitest';
import type { HostEvent } from '#plugins/api';
import { read } from '../testing/deliveries.ts';

const COMMIT = 'a'.repeat(40);
const OTHER = 'b'.repeat(40);
const ADA = { id: 7, login: 'ada', type: 'User' };
const REPOSITORY = { full_name: 'Ada/Demo' };

describe('a pull request', () => {
  const pull = {
    number: 7,
    title: 'Fix <it>',
    state: 'open',
    html_url: 'https://github.com/Ada/Demo/pull/7',
    user: { id: 8, login: 'bob' },
    base: { ref: 'main', sha: COMMIT },
    head: { ref: 'fix', sha: OTHER, repo: { full_name: 'bob/Demo' } },
  };
  const send = (action: string, changed: object = {}, more: object = {}): HostEvent =>
    read('pull_request', { action, repository: REPOSITORY, sender: ADA, pull_request: { ...pull, ...changed }, ...more });

  it('is told as it stands', () => {
    expect(send('opened')).toEqual({
      kind: 'pull-request',
      repository: 'github.com/ada/demo',
      action: 'opened',
      pullRequest: {
        number: 7,
        title: 'Fix <it>',
        author: { id: '8', name: 'bob' },
        baseBranch: 'main',
        baseCommit: COMMIT,
        headBranch: 'fix',
        headCommit: OTHER,
        headRepository: 'bob/Demo',
        headRef: 'refs/pull/7/head',
        headUrl: null,
        isOpen: true,
        webUrl: 'https://github.com/Ada/Demo/pull/7',
      },
    });
  });

  it('may come from a fork that is gone, of an account that is gone', () => {
    const gone = send('synchronize', { user: null, head: { ...pull.head, repo: null } });
    expect(gone).toMatchObject({ action: 'updated', pullRequest: { headRepository: null, author: { id: null, name: 'ghost' } } });
  });

  it.each([
    ['reopened', {}, 'opened'],
    ['synchronize', {}, 'updated'],
    ['closed', {}, 'closed'],
    ['edited', { changes: { title: { from: 'x' } } }, 'edited'],
    ['edited', { changes: { base: { ref: { from: 'old' } } } }, 'updated'],
    ['ready_for_review', {}, 'edited'],
    ['converted_to_draft', {}, 'edited'],
  ])('that was %s (%j) was %s', (action, more, expected) => {
    expect(send(action, {}, more)).toMatchObject({ kind: 'pull-request', action: expected });
  });

  it.each(['labeled', 'assigned', 'locked', 'toString', '__proto__'])('that was %s is ignored', (action) => {
    expect(send(action)).toMatchObject({ kind: 'ignored' });
  });
});

describe('a comment', () => {
  const at = '2026-01-02T03:04:05Z';
  const comment = { user: ADA, body: 'terrarium: ok', created_at: at };
  const issue = { action: 'created', repository: REPOSITORY, issue: { number: 7, pull_request: {} }, comment };
  const said = { kind: 'comment', repository: 'github.com/ada/demo', number: 7, by: { id: '7', name: 'ada' }, text: 'terrarium: ok', at };

  it('on a pull request is heard; in a review with the commit that it is about', () => {
    expect(read('issue_comment', issue)).toEqual({ ...said, commit: null });
    const review = { user: ADA, body: 'terrarium: ok', submitted_at: at, commit_id: OTHER };
    expect(read('pull_request_review', { action: 'submitted', repository: REPOSITORY, pull_request: { number: 7 }, review })).toEqual({
      ...said,
      commit: OTHER,
    });
    const line = { ...comment, commit_id: OTHER, original_commit_id: COMMIT };
    const written = { action: 'created', repository: REPOSITORY, pull_request: { number: 7 }, comment: line };
    expect(read('pull_request_review_comment', written)).toEqual({ ...said, commit: COMMIT });
  });

  it.each([
    ['edited afterwards', { action: 'edited' }, 'edited comment'],
    ['deleted', { action: 'deleted' }, 'only new'],
    ['on an issue', { issue: { number: 7 } }, 'no pull request'],
    ['of an App', { comment: { ...comment, user: { id: 9, login: 'dependabot[bot]', type: 'Bot' } } }, 'bot'],
    ['of an account that calls itself a bot', { comment: { ...comment, user: { id: 9, login: 'x[bot]' } } }, 'bot'],
    ['of nobody', { comment: { ...comment, user: null } }, 'gone'],
    ['without words', { comment: { ...comment, body: null } }, 'without words'],
  ])('%s is ignored', (_, changed, reason) => {
    expect(read('issue_comment', { ...issue, ...changed })).toEqual({ kind: 'ignored', reason: expect.stringContaining(reason) });
  });
});

describe('a check', () => {
  const run = { head_sha: COMMIT, name: 'terrarium/1', app: { id: 29 } };
  const sent = { action: 'rerequested', repository: REPOSITORY, sender: ADA, check_run: run };
  const asked = { kind: 'rerun', repository: 'github.com/ada/demo', commit: COMMIT, job: 'terrarium/1', by: { id: '7', name: 'ada' } };

  it('is run again when somebody asks for it', () => {
    expect(read('check_run', sent)).toEqual(asked);
    expect(read('check_run', { ...sent, action: 'requested_action', requested_action: { identifier: 'rerun' } })).toEqual(asked);
    expect(read('check_suite', { ...sent, check_suite: run })).toEqual({ ...asked, job: null });
  });

  it.each([
    ['check_run', { action: 'created' }],
    ['check_run', { action: 'requested_action', requested_action: { identifier: 'deploy' } }],
    ['check_run', { check_run: { ...run, app: { id: 30 } } }],
    ['check_suite', { action: 'requested', check_suite: run }],
    ['check_suite', { check_suite: { ...run, app: null } }],
  ])('is not ours, or nothing new: %s %j', (event, changed) => {
    expect(read(event, { ...sent, ...changed })).toMatchObject({ kind: 'ignored' });
  });
});
