import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Repository } from '#plugins/api';
import { RateLimits } from './limits.ts';
import { byToken, startSubject, type Subject } from '../testing/subject.ts';

const signal = AbortSignal.timeout(600_000);

describe('rate limits', () => {
  let subject: Subject;
  let repository: Repository;

  beforeEach(async () => {
    subject = await startSubject(byToken);
    await subject.github.createRepository('ada/demo');
    repository = { url: `${subject.github.url}/ada/demo`, credentials: null };
  });
  afterEach(() => subject.close());

  const open = (): Promise<unknown> => subject.provider.pullRequests.open(repository, signal);

  it('are kept without asking once more', async () => {
    const { github } = subject;
    github.remaining = 2;
    await open();
    await open();
    await expect(open()).rejects.toMatchObject({ code: 'rate-limited', message: expect.stringMatching(/again in (?:60|61) minutes/) });
    expect(github.requests).toHaveLength(2);
    github.remaining = null;
    await expect(open()).rejects.toMatchObject({ code: 'rate-limited' });
    await (await subject.open({ token: github.token('ada') })).pullRequests.open(repository, signal);
  });

  it.each([
    ['the primary one', 403, { 'x-ratelimit-remaining': '0' }, 'API rate limit exceeded for user ID 1.', /60 minutes|61 minutes/],
    ['the secondary one', 403, { 'retry-after': '300' }, 'You have exceeded a secondary rate limit.', /5 minutes/],
    ['one without a time', 429, {}, 'Too many requests', /60 s/],
    ['one that only has words', 403, {}, 'You have exceeded a secondary rate limit. Please wait a few minutes.', /60 s/],
  ])('%s is told apart from a refusal, with how long', async (_, status, headers, message, long) => {
    subject.github.script({ what: 'GET /repos/ada/demo/pulls', answer: { status, headers, body: { message } } });
    await expect(open()).rejects.toMatchObject({ code: 'rate-limited', message: expect.stringMatching(long) });
    await expect(open()).rejects.toMatchObject({ code: 'rate-limited' });
    expect(subject.github.requests).toHaveLength(1);
  });

  it('of searching are others than those of the rest', async () => {
    const { github, provider } = subject;
    const answer = { status: 403, headers: { 'x-ratelimit-remaining': '0' }, body: { message: 'API rate limit exceeded' } };
    github.script({ what: 'GET /search/issues', answer });
    const ada = { id: null, name: 'ada' };
    await expect(provider.people.hasMerged(repository, ada, signal)).rejects.toMatchObject({ code: 'rate-limited' });
    await open();
  });

  it('end', () => {
    let now = 0;
    const limits = new RateLimits(() => now);
    limits.learn({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': '90' }, 'GET /user');
    expect(() => limits.assertAllowed('GET /user', 'x')).toThrow('again in 90 s');
    now = 89_999;
    expect(() => limits.assertAllowed('GET /user', 'x')).toThrow('again in 1 s');
    now = 90_000;
    limits.assertAllowed('GET /user', 'x');
  });
});

describe('a GitHub that does not do as it should', () => {
  let subject: Subject;
  let repository: Repository;

  beforeEach(async () => {
    subject = await startSubject(byToken);
    await subject.github.createRepository('ada/demo');
    repository = { url: `${subject.github.url}/ada/demo`, credentials: null };
  });
  afterEach(() => subject.close());

  const open = (stop = signal): Promise<unknown> => subject.provider.pullRequests.open(repository, stop);

  it('is given up when it is silent', async () => {
    const impatient = await subject.open({ token: subject.github.token('ada'), timeoutSeconds: 0.2 });
    subject.github.script({ what: 'GET', answer: null });
    await expect(impatient.pullRequests.open(repository, signal)).rejects.toMatchObject({
      code: 'unavailable',
      message: expect.stringContaining('within 0.2 s'),
    });
  });

  it('is left at once by who is told to stop', async () => {
    subject.github.script({ what: 'GET', answer: null });
    const controller = new AbortController();
    const asked = open(controller.signal);
    while (subject.github.requests.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const reason = new Error('enough');
    controller.abort(reason);
    await expect(asked).rejects.toBe(reason);
    await expect(open(controller.signal)).rejects.toBe(reason);
  });

  it('is asked once more after a failure of the moment', async () => {
    subject.github.script({ what: 'GET', answer: { status: 502, body: { message: 'Server Error' } } });
    expect(await open()).toEqual([]);
    subject.github.script({ what: 'GET', answer: { status: 500 } });
    subject.github.script({ what: 'GET', answer: { status: 503 } });
    await expect(open()).rejects.toMatchObject({ code: 'unavailable' });
  });

  it.each([
    ['no list', { status: 200, body: { hello: 'world' } }],
    ['a login page', { status: 200, headers: { 'content-type': 'text/html' }, body: '<html>' }],
    ['pages elsewhere', { status: 200, body: [], headers: { link: '<https://thief.example.org/x>; rel="next"' } }],
  ])('is not believed: %s', async (_, answer) => {
    subject.github.script({ what: 'GET', answer });
    await expect(open()).rejects.toMatchObject({ code: 'unavailable', message: expect.stringContaining('apiUrl') });
  });

  it('that cannot be reached is away, not wrong', async () => {
    const away = await subject.open({ webUrl: 'http://127.0.0.1:9', token: 'x' });
    const failure = away.pullRequests.open({ url: 'http://127.0.0.1:9/ada/demo', credentials: null }, signal);
    await expect(failure).rejects.toMatchObject({ code: 'unavailable' });
  });

  it('that asks for pauses is not asked more than it allows: who would wait too long is told so', async () => {
    const paced = await subject.open({ token: subject.github.token('ada'), pace: true, patienceSeconds: 1.5 });
    const commit = 'a'.repeat(40);
    const rest = {
      summary: 's',
      details: [],
      annotations: [],
      url: 'https://x.example.org',
      branch: 'main',
      pullRequest: null,
      startedAt: null,
      finishedAt: null,
    };
    const keys = Array.from({ length: 8 }, (_, index) => `terrarium/${index}`);
    const told = await Promise.allSettled(keys.map((key) => paced.statuses.report(repository, { commit, key, state: 'queued', ...rest }, signal)));
    const refused = told.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []));
    expect(told[0]?.status).toBe('fulfilled');
    expect(refused.length).toBeGreaterThan(0);
    for (const reason of refused) expect(reason).toMatchObject({ code: 'rate-limited', message: expect.stringContaining('More requests wait') });
    expect(subject.github.requests).toHaveLength(keys.length - refused.length);
  });
});
