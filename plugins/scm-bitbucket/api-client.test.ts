import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository, StatusReport } from '#plugins/api';
import { QuietTimes } from './http/quiet-times.ts';
import { startFakeBitbucket } from './testing/start-fake-bitbucket.ts';
import { FLAVOURS, TOKEN, startSubject, type Subject } from './testing/subject.ts';

const signal = AbortSignal.timeout(600_000);

describe.each(FLAVOURS)('talking with the API of %s', (flavour) => {
  let subject: Subject;
  let repository: Repository;

  beforeEach(async () => {
    subject = await startSubject(flavour);
    repository = subject.named(await subject.host.createRepository('PROJ', 'demo'));
  });
  afterEach(() => subject.close());

  const ask = async (provider = subject.provider, own = repository): Promise<unknown> => provider.pullRequests.open(own, signal);

  it.each([
    [302, 'rejected'],
    [400, 'rejected'],
    [401, 'unauthorized'],
    [403, 'unauthorized'],
    [404, 'not-found'],
    [409, 'rejected'],
    [410, 'not-found'],
    [429, 'rate-limited'],
    [500, 'unavailable'],
    [503, 'unavailable'],
  ])('%i is %s', async (status, code) => {
    subject.host.trouble = { status, headers: { location: 'https://example.org/' } };
    await expect(ask()).rejects.toMatchObject({ code });
    expect(subject.host.requests).toHaveLength(1);
  });

  it('passes on what the host says, without our secrets', async () => {
    const message = `The token ${TOKEN} is no good`;
    const body = flavour === 'cloud' ? { type: 'error', error: { message } } : { errors: [{ context: null, message, exceptionName: null }] };
    subject.host.trouble = { status: 403, body: JSON.stringify(body) };
    const failure = await ask().catch((error: unknown) => String(error));
    expect(failure).toContain('The token *** is no good');
    expect(failure).not.toContain(TOKEN);
  });

  it('does not repeat a password that the host repeats', async () => {
    const own: Repository = { ...repository, credentials: { kind: 'password', user: 'ada', password: 'hunter2' } };
    const failure = await ask(subject.again({ token: null }), own).catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'unauthorized', message: expect.stringContaining('Not for you: Basic ***') });
    expect(String(failure)).not.toMatch(/hunter2|YWRhOmh1bnRlcjI/);
  });

  it.each(['<html>A page of a proxy</html>', '{}', '[]', 'null', '', '{"values": [{"id": "x"}], "isLastPage": true}'])(
    '%j is no answer',
    async (body) => {
      subject.host.trouble = { status: 200, body };
      await expect(ask()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('check apiUrl') });
    },
  );

  it('leaves a host alone that says so, for those credentials', async () => {
    subject.host.trouble = { status: 429, headers: { 'retry-after': '1800' } };
    await expect(ask()).rejects.toMatchObject({ code: 'rate-limited' });
    subject.host.trouble = null;
    await expect(ask()).rejects.toMatchObject({ code: 'rate-limited' });
    expect(subject.host.requests).toHaveLength(1);
    await expect(ask(subject.again())).resolves.toEqual([]);
  });

  it('gives up on a host that does not answer, when told to or when the time is over', async () => {
    subject.host.silent = true;
    const controller = new AbortController();
    const waiting = subject.provider.pullRequests.open(repository, controller.signal);
    waiting.catch(() => undefined);
    while (subject.host.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(waiting).rejects.toBe(reason);
    await expect(ask(subject.again({ requestSeconds: 0.1 }))).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('0.1 seconds'),
    });
    const early = subject.provider.pullRequests.open(repository, AbortSignal.abort(reason));
    await expect(early).rejects.toBe(reason);
  });

  it('says that a host is away', async () => {
    const gone = await startFakeBitbucket(flavour);
    await gone.close();
    const away = subject.again({ apiUrl: gone.apiUrl });
    await expect(ask(away)).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('ECONNREFUSED') });
  });

  it("uses the project's password where the instance has none, and never where it has", async () => {
    const none = subject.again({ token: null });
    const isPrivate = subject.named(await subject.host.createRepository('PROJ', 'private', { isPrivate: true }));
    await expect(ask(none, isPrivate)).rejects.toMatchObject({ code: 'unauthorized' });
    subject.host.acceptPassword('ada', 'pässword');
    expect(await ask(none, { ...isPrivate, credentials: { kind: 'password', user: 'ada', password: 'pässword' } })).toEqual([]);
    expect(await ask(none, { ...isPrivate, credentials: { kind: 'password', user: 'x-token-auth', password: TOKEN } })).toEqual([]);
    expect(await ask(subject.provider, { ...isPrivate, credentials: { kind: 'password', user: 'eve', password: 'wrong' } })).toEqual([]);
    await expect(ask(none, { ...isPrivate, credentials: { kind: 'ssh-key', privateKey: 'x', knownHosts: null } })).rejects.toMatchObject({
      code: 'unauthorized',
    });
  });

  it('reads a password or token from a file, each time anew', async () => {
    const file = path.join(subject.host.root, 'secret');
    const byToken = subject.again({ token: null, tokenFile: file });
    await expect(byToken.init(signal)).rejects.toMatchObject({ code: 'unauthorized', message: expect.stringContaining(file) });
    await writeFile(file, `${TOKEN}\n`);
    await byToken.init(signal);
    expect(await ask(byToken)).toEqual([]);
    await writeFile(file, 'an-older-token');
    await expect(ask(byToken)).rejects.toMatchObject({ code: 'unauthorized' });
    await writeFile(file, '\n');
    await expect(ask(byToken)).rejects.toMatchObject({ code: 'unauthorized', message: expect.stringContaining('empty') });
    await writeFile(file, 'tok\u0001en');
    const odd = await ask(byToken).catch((error: unknown) => error);
    expect(odd).toMatchObject({ code: 'invalid' });
    expect(String(odd)).not.toContain('tok\u0001en');
    await writeFile(file, 'pass');
    subject.host.acceptPassword('ada@example.org', 'pass');
    expect(await ask(subject.again({ token: null, username: 'ada@example.org', appPasswordFile: file }))).toEqual([]);
  });

  it('lets no name climb out of its place in a path', async () => {
    const report: StatusReport = {
      commit: '..',
      key: 'terrarium',
      state: 'passed',
      summary: 'x',
      details: [],
      annotations: [],
      url: 'https://ci.example.org/',
      branch: 'main',
      pullRequest: null,
      startedAt: null,
      finishedAt: null,
    };
    for (const commit of ['..', '.', '', '\uD800'])
      await expect(subject.provider.statuses.report(repository, { ...report, commit }, signal)).rejects.toMatchObject({ code: 'invalid' });
    expect(subject.host.requests).toEqual([]);
  });
});

describe('lists of Bitbucket Cloud', () => {
  it.each(['https://example.org/2.0/next', 'http://127.0.0.1:1/2.0', 'nonsense'])('does not follow its pages to %s', async (nextBase) => {
    const subject = await startSubject('cloud');
    const kept = await subject.host.createRepository('PROJ', 'demo');
    const repository = subject.named(kept);
    subject.host.nextBase = nextBase;
    for (let count = 0; count < 3; count += 1) kept.hooks.push({ id: `{${count}}`, url: 'x', secret: null, active: true, events: [] });
    const asked = subject.provider.webhooks.ensure?.(repository, { url: 'https://ci.example.org/', secret: 'x' }, signal);
    await expect(asked).rejects.toMatchObject({ code: 'rejected' });
    await subject.close();
  });
});

describe('quiet times', () => {
  const start = Date.parse('2026-01-02T03:00:00Z');

  it.each([
    ['60', 60_000],
    ['0', 0],
    ['Fri, 02 Jan 2026 03:10:00 GMT', 600_000],
    ['Fri, 02 Jan 2026 02:00:00 GMT', 0],
    ['soon', 60_000],
    [null, 60_000],
    ['999999999', 3_600_000],
  ])('last as long as %j says', (retryAfter, length) => {
    let now = start;
    const quiet = new QuietTimes(() => now);
    expect(quiet.begin('a', retryAfter)).toMatchObject({
      code: 'rate-limited',
      message: expect.stringContaining(new Date(start + length).toISOString()),
    });
    now = start + length - 1;
    if (length > 0) expect(() => quiet.assertOver('a')).toThrow(expect.objectContaining({ code: 'rate-limited' }));
    expect(() => quiet.assertOver('b')).not.toThrow();
    now = start + length;
    expect(() => quiet.assertOver('a')).not.toThrow();
  });
});
