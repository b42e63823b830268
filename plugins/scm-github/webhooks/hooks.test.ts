import { once } from 'node:events';
import { createServer } from 'node:http';
import { buffer } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Delivery, Repository } from '#plugins/api';
import type { FakeRepository } from '../testing/fake-state.ts';
import { byApp, byToken, startSubject, type Subject, type Way } from '../testing/subject.ts';

const signal = AbortSignal.timeout(600_000);
const HOOK = { url: 'https://ci.example.org/hooks/github/7', secret: 's3cret-of-the-hook' };

let subject: Subject;
let demo: FakeRepository;
let repository: Repository;

async function start(way: Way): Promise<void> {
  subject = await startSubject(way);
  demo = await subject.github.createRepository('ada/demo');
  repository = { url: `${subject.github.url}/ada/demo`, credentials: null };
}

const ensure = (hook = HOOK): Promise<string> => subject.provider.webhooks.ensure(repository, hook, signal);

afterEach(() => subject.close());

describe.each([
  ['with a token', byToken],
  ['as an App', byApp],
])('a hook, %s', (_, way) => {
  beforeEach(async () => {
    await start(way);
    subject.github.install('ada');
  });

  it('is made once, and changed where it differs', async () => {
    expect([await ensure(), await ensure()]).toEqual(['created', 'unchanged']);
    const [hook] = demo.hooks;
    expect(hook).toMatchObject({ active: true, config: { ...HOOK, content_type: 'json', insecure_ssl: '0' } });
    expect(hook?.events).toEqual(['issue_comment', 'pull_request', 'pull_request_review', 'pull_request_review_comment', 'push']);
    expect(await ensure({ ...HOOK, secret: 'another' })).toBe('changed');
    expect(hook?.config.secret).toBe('another');
    if (hook) hook.active = false;
    expect([await ensure({ ...HOOK, secret: 'another' }), hook?.active]).toEqual(['changed', true]);
    if (hook) hook.events = ['push'];
    expect(await ensure({ ...HOOK, secret: 'another' })).toBe('changed');
    expect(hook?.events).toHaveLength(5);
    expect(demo.hooks).toHaveLength(1);
  });

  it('is given its secret again by who does not know which one it has', async () => {
    await ensure();
    const provider = await subject.open(way(subject.github));
    expect(await provider.webhooks.ensure(repository, HOOK, signal)).toBe('changed');
    expect(demo.hooks).toHaveLength(1);
  });

  it('is made once, though two ask at the same time', async () => {
    expect((await Promise.all([ensure(), ensure()])).toSorted()).toEqual(['created', 'unchanged']);
    expect(demo.hooks).toHaveLength(1);
  });

  it('leaves others alone, among more than a page of them, and goes when told', async () => {
    const config = { content_type: 'json', secret: 'x', insecure_ssl: '0' };
    const others = Array.from({ length: 130 }, (_, id) => ({
      id,
      name: 'web',
      active: true,
      events: ['push'],
      config: { ...config, url: `https://other.example.org/${id}` },
    }));
    demo.hooks.push(...others);
    expect(await ensure()).toBe('created');
    expect(await ensure()).toBe('unchanged');
    await subject.provider.webhooks.remove(repository, HOOK.url, signal);
    await subject.provider.webhooks.remove(repository, HOOK.url, signal);
    expect(demo.hooks).toEqual(others);
  });
});

describe('a hook', () => {
  beforeEach(() => start(byToken));

  it('is not made without a secret', async () => {
    await expect(ensure({ ...HOOK, secret: '' })).rejects.toMatchObject({ code: 'invalid' });
    expect(demo.hooks).toEqual([]);
  });

  it('needs an administrator of the repository: others are told as if it were not there', async () => {
    await subject.github.createRepository('bob/other');
    const other = { url: `${subject.github.url}/bob/other`, credentials: null };
    await expect(subject.provider.webhooks.ensure(other, HOOK, signal)).rejects.toMatchObject({
      code: 'not-found',
      message: expect.stringContaining('may not see it'),
    });
  });

  it('stays where it is, and says so, when the repository has moved', async () => {
    await ensure();
    subject.github.rename(demo, 'renamed');
    await expect(subject.provider.webhooks.remove(repository, HOOK.url, signal)).rejects.toMatchObject({ code: 'rejected' });
    await expect(ensure({ ...HOOK, secret: 'x' })).rejects.toMatchObject({ code: 'rejected', message: expect.stringContaining('new URL') });
    expect(demo.hooks).toMatchObject([{ config: HOOK }]);
  });

  it('does not show its secret in what goes wrong', async () => {
    const echo = { message: `Validation Failed for ${HOOK.secret}`, errors: [{ field: 'config', code: 'invalid', value: HOOK.secret }] };
    subject.github.script({ what: 'POST /repos/ada/demo/hooks', answer: { status: 422, body: echo } });
    const failure: unknown = await ensure().catch((error: unknown) => error);
    expect(failure).toMatchObject({ code: 'rejected', message: expect.stringContaining('config invalid') });
    expect(`${String(failure)} ${JSON.stringify(failure)} ${JSON.stringify(subject.context.lines)}`).not.toContain(HOOK.secret);
  });

  it('calls us with what we can verify and read', async () => {
    const { github, provider } = subject;
    const heard: Delivery[] = [];
    const server = createServer((request, response) => {
      void buffer(request).then((body) => {
        heard.push({ headers: Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)])), body });
        response.writeHead(204).end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    await ensure({ ...HOOK, url: `http://127.0.0.1:${port}/hook` });
    const commit = await demo.workshop.commit('main', { 'a.txt': 'a' }, 'first');
    const ada = github.state.account('ada') ?? github.addUser('ada');
    expect(await github.emitPush(demo, { ref: 'refs/heads/main', before: null, after: commit, by: ada })).toEqual([204]);
    const pull = await github.openPullRequest(demo, github.addUser('bob'), { 'b.txt': 'b' });
    await github.emitPullRequest(demo, pull, 'opened');
    await github.emitComment(demo, pull, ada, 'terrarium: ok');
    server.close();
    for (const delivery of heard) provider.webhooks.verify(delivery, [HOOK.secret]);
    expect(heard.map((delivery) => provider.webhooks.nameOf(delivery))).toEqual(['push', 'pull_request.opened', 'issue_comment.created']);
    const [push, opened, comment] = heard.map((delivery) => provider.webhooks.parse(delivery));
    const identity = provider.identify(repository.url);
    expect(push).toMatchObject({ kind: 'push', repository: identity, refs: [{ name: 'main', commit }] });
    expect(opened).toMatchObject({ kind: 'pull-request', repository: identity, pullRequest: { number: 1, headCommit: pull.headCommit } });
    expect(comment).toMatchObject({ kind: 'comment', repository: identity, by: { id: String(ada.id) }, text: 'terrarium: ok' });
    expect(new Set(heard.map((delivery) => provider.webhooks.idOf(delivery))).size).toBe(3);
  });
});
