import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  HostEvent,
  PullRequest,
  type Contributor,
  type Delivery,
  type People,
  type PullRequests,
  type Repository,
  type ScmProvider,
  type StatusReport,
  type Statuses,
  type Webhooks,
} from '../index.ts';

/** A code host with what only some of them have, and the hands that look at it from the other side. */
export interface CodeHostSubject {
  readonly provider: ScmProvider & {
    readonly webhooks: Webhooks;
    readonly statuses: Statuses;
    readonly people: People;
    readonly pullRequests: PullRequests;
  };
  /** One that the credentials may administer; it has a branch `main` with one commit. */
  readonly repository: Repository;
  readonly commit: string;
  /** One that is not there, at a host that is. */
  readonly missing: Repository;
  /** A delivery as the host sends it after a push to `main` of `repository`, signed with `secret`. */
  readonly delivery: (secret: string) => Delivery;
  /** The URL and secret of each hook that the repository has now. */
  readonly hooks: () => Promise<readonly { readonly url: string; readonly secret: string }[]>;
  /** What the page of `commit` says of a key now: in the host's own words; null for nothing. */
  readonly shown: (key: string) => Promise<string | null>;
  /** Somebody who may write to the repository, is a member of `group`, and had a pull request merged. */
  readonly friend: Contributor;
  readonly group: string;
  /** Somebody with an account and nothing else. */
  readonly stranger: Contributor;
  /** Opens a pull request of the stranger. */
  readonly propose: () => Promise<{ readonly number: number; readonly headCommit: string }>;
  readonly close: () => Promise<void>;
}

const signal = AbortSignal.timeout(600_000);
const SECRET = 'the secret of a hook';
const HOOK = { url: 'https://ci.example.org/api/hooks/1', secret: SECRET };
const STATES = ['held', 'queued', 'running', 'passed', 'failed', 'errored', 'canceled'] as const;

/** What everybody must keep who implements `Webhooks`, `Statuses`, `People` and `PullRequests`. */
export function describeCodeHost(title: string, setUp: () => Promise<CodeHostSubject>): void {
  describe(`${title} keeps the contract of a code host`, () => {
    let subject: CodeHostSubject;
    beforeAll(async () => {
      subject = await setUp();
    });
    afterAll(() => subject.close());
    webhookTests(() => subject);
    hookTests(() => subject);
    statusTests(() => subject);
    peopleTests(() => subject);
    pullRequestTests(() => subject);
  });
}

type Subject = () => CodeHostSubject;

function webhookTests(subject: Subject): void {
  it('takes a delivery that is signed with one of the secrets, and reads it', () => {
    const { provider, repository, delivery } = subject();
    const { webhooks } = provider;
    const sent = delivery(SECRET);
    webhooks.verify(sent, ['another', SECRET]);
    expect(webhooks.nameOf(sent)).not.toBe('');
    expect(webhooks.idOf(sent)).toBe(webhooks.idOf(sent));
    const event = webhooks.parse(sent);
    expect(HostEvent.parse(event)).toEqual(event);
    expect(event).toMatchObject({ kind: 'push', repository: provider.identify(repository.url), refs: [{ kind: 'branch', name: 'main' }] });
  });

  it('refuses one that is not signed, or not so, or not with this, or changed on the way', () => {
    const { webhooks } = subject().provider;
    const sent = subject().delivery(SECRET);
    const refused = (delivery: Delivery, secrets: readonly string[]): void =>
      expect(() => webhooks.verify(delivery, secrets)).toThrow(expect.objectContaining({ code: 'unauthorized' }));
    refused(sent, ['another']);
    refused(sent, []);
    refused(subject().delivery(''), ['']);
    refused({ ...sent, headers: {} }, [SECRET]);
    refused({ ...sent, body: Buffer.concat([sent.body, Buffer.from(' ')]) }, [SECRET]);
  });

  it('ignores nonsense with a reason', () => {
    const { webhooks } = subject().provider;
    const { headers } = subject().delivery(SECRET);
    for (const text of ['', '{', 'null', '[]', '{}', '"x"', '\u0000']) {
      for (const one of [headers, {}])
        expect(webhooks.parse({ headers: one, body: Buffer.from(text) }), text).toEqual({ kind: 'ignored', reason: expect.stringMatching(/./) });
    }
  });
}

function hookTests(subject: Subject): void {
  it('makes a hook once, gives it a new secret, and takes it away', async ({ skip }) => {
    const { provider, repository, hooks } = subject();
    const { webhooks } = provider;
    if (webhooks.ensure === undefined || webhooks.remove === undefined) {
      skip('it cannot make hooks');
      return;
    }
    expect(await webhooks.ensure(repository, HOOK, signal)).toBe('created');
    expect(await webhooks.ensure(repository, HOOK, signal)).not.toBe('created');
    expect(await hooks()).toEqual([HOOK]);
    const changed = { ...HOOK, secret: 'another' };
    expect(await webhooks.ensure(repository, changed, signal)).toBe('changed');
    expect(await hooks()).toEqual([changed]);
    await webhooks.remove(repository, HOOK.url, signal);
    await webhooks.remove(repository, HOOK.url, signal);
    expect(await hooks()).toEqual([]);
  });

  it('makes none where there is no repository, or for who has given up', async ({ skip }) => {
    const { provider, repository, missing, hooks } = subject();
    const { webhooks } = provider;
    if (webhooks.ensure === undefined) {
      skip('it cannot make hooks');
      return;
    }
    await expect(webhooks.ensure(missing, HOOK, signal)).rejects.toMatchObject({ code: expect.stringMatching(/^(?:not-found|unauthorized)$/) });
    const reason = new Error('enough');
    await expect(webhooks.ensure(repository, HOOK, AbortSignal.abort(reason))).rejects.toBe(reason);
    expect(await hooks()).toEqual([]);
  });
}

function statusTests(subject: Subject): void {
  const report = (key: string, state: StatusReport['state']): StatusReport => ({
    commit: subject().commit,
    key,
    state,
    summary: `it is ${state}`,
    details: ['one line', 'another <b>line</b>'],
    annotations: [{ path: 'tests/test_a.py', line: 3, level: 'failure', title: 'test_b', message: 'assert 1 == 2' }],
    url: 'https://ci.example.org/builds/1',
    branch: 'main',
    pullRequest: null,
    startedAt: '2026-01-02T03:04:05.000Z',
    finishedAt: state === 'passed' ? '2026-01-02T03:05:05.000Z' : null,
  });
  const tell = (key: string, state: StatusReport['state']): Promise<void> =>
    subject().provider.statuses.report(subject().repository, report(key, state), signal);

  it.each(STATES)('tells that it is %s, as often as it likes', async (state) => {
    await tell(`terrarium/${state}`, state);
    const shown = await subject().shown(`terrarium/${state}`);
    expect(shown).not.toBeNull();
    await tell(`terrarium/${state}`, state);
    expect(await subject().shown(`terrarium/${state}`)).toBe(shown);
  });

  it('shows the last one of each key', async () => {
    for (const state of ['queued', 'running', 'failed', 'queued', 'running', 'passed'] as const) await tell('terrarium', state);
    await tell('terrarium/other', 'failed');
    expect(await subject().shown('terrarium')).toBe(await subject().shown('terrarium/passed'));
    expect(await subject().shown('terrarium/other')).toBe(await subject().shown('terrarium/failed'));
  });

  it('says so where there is no repository, and stops when told', async () => {
    const { provider, repository, missing } = subject();
    const nowhere = provider.statuses.report(missing, report('terrarium', 'passed'), signal);
    await expect(nowhere).rejects.toMatchObject({ code: expect.stringMatching(/^(?:not-found|unauthorized)$/) });
    const reason = new Error('enough');
    await expect(provider.statuses.report(repository, report('terrarium', 'passed'), AbortSignal.abort(reason))).rejects.toBe(reason);
  });
}

function peopleTests(subject: Subject): void {
  it('finds people by their names, and nobody by nonsense', async () => {
    const { provider, friend } = subject();
    expect(await provider.people.find(friend.name, signal)).toEqual(friend);
    for (const name of ['', '../x', 'a b', '\u0430da', 'x'.repeat(500)]) expect(await provider.people.find(name, signal), name).toBeNull();
  });

  it('tells a friend from a stranger', async () => {
    const { provider, repository, friend, stranger, group } = subject();
    const { people } = provider;
    expect(['admin', 'write']).toContain(await people.permission(repository, friend, signal));
    expect(['read', 'none']).toContain(await people.permission(repository, stranger, signal));
    expect(await people.isMember(repository, group, friend, signal)).toBe(true);
    expect(await people.isMember(repository, group, stranger, signal)).toBe(false);
    expect(await people.hasMerged(repository, friend, signal)).toBe(true);
    expect(await people.hasMerged(repository, stranger, signal)).toBe(false);
  });

  it('takes nobody for a friend who only has his name', async ({ skip }) => {
    const { provider, repository, friend, stranger, group } = subject();
    if (friend.id === null) {
      skip('the host has no ids');
      return;
    }
    const impostor = { id: stranger.id, name: friend.name };
    expect(['read', 'none']).toContain(await provider.people.permission(repository, impostor, signal));
    expect(await provider.people.isMember(repository, group, impostor, signal)).toBe(false);
    expect(await provider.people.hasMerged(repository, impostor, signal)).toBe(false);
  });
}

function pullRequestTests(subject: Subject): void {
  it('reads a pull request, finds it among the open ones, and builds its head', async () => {
    const { provider, repository, stranger } = subject();
    const { number, headCommit } = await subject().propose();
    const pull = await provider.pullRequests.get(repository, number, signal);
    expect(PullRequest.parse(pull)).toEqual(pull);
    expect(pull).toMatchObject({ number, headCommit, author: stranger, baseBranch: 'main', isOpen: true });
    expect(await provider.pullRequests.open(repository, signal)).toContainEqual(pull);
    const change = await provider.change(repository, { kind: 'pull-request', pullRequest: pull }, signal);
    expect(change).toMatchObject({ kind: 'pull-request', branch: 'main', commit: headCommit, pullRequest: { number, author: stranger } });
  });

  it('says not-found for one that is not there', async () => {
    const { provider, repository } = subject();
    await expect(provider.pullRequests.get(repository, 987_654, signal)).rejects.toMatchObject({ code: 'not-found' });
  });
}
