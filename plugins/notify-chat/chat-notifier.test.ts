import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FakeContext, fakeContext, makeNotice } from '#plugins/api/testing';
import { type HttpReceiver, startReceiver } from '#plugins/kit/testing/http-receiver';
import { ChatNotifier } from './chat-notifier.ts';
import { ChatConfig } from './config.ts';

const signal = AbortSignal.timeout(600_000);

describe('the configuration', () => {
  it('fills in what is usual', () => {
    expect(ChatConfig.parse({ format: 'slack' })).toEqual({ format: 'slack', timeoutSeconds: 15, allowPrivate: false });
    const matrix = { format: 'matrix', homeserver: 'https://matrix.example.org/', accessTokenFile: '/etc/token' };
    expect(ChatConfig.parse(matrix)).toMatchObject({ homeserver: 'https://matrix.example.org', timeoutSeconds: 15 });
  });

  it.each([
    [{}],
    [{ format: 'irc' }],
    [{ format: 'slack', homeserver: 'https://x.example' }],
    [{ format: 'matrix', homeserver: 'http://matrix.example.org', accessTokenFile: '/t' }],
    [{ format: 'matrix', homeserver: 'matrix.example.org', accessTokenFile: '/t' }],
    [{ format: 'matrix', homeserver: 'https://ada:hunter2@matrix.example.org', accessTokenFile: '/t' }],
    [{ format: 'matrix', homeserver: 'https://matrix.example.org/?a=b', accessTokenFile: '/t' }],
    [{ format: 'matrix', homeserver: 'https://matrix.example.org', accessTokenFile: 't' }],
    [{ format: 'matrix', homeserver: 'https://matrix.example.org' }],
  ])('refuses %j', (config) => expect(ChatConfig.safeParse(config).success).toBe(false));
});

describe('ChatNotifier', () => {
  let receiver: HttpReceiver;
  let context: FakeContext<ChatConfig>;
  let matrix: ChatNotifier;
  const hook = (format: 'slack' | 'mattermost', allowPrivate = true): ChatNotifier =>
    new ChatNotifier({ ...context, config: ChatConfig.parse({ format, allowPrivate }) });
  beforeAll(async () => {
    receiver = await startReceiver();
    context = await fakeContext(ChatConfig.parse({ format: 'slack' }));
    const accessTokenFile = join(context.folder, 'token');
    await writeFile(accessTokenFile, 'token-of-the-bot');
    matrix = new ChatNotifier({ ...context, config: ChatConfig.parse({ format: 'matrix', homeserver: receiver.url, accessTokenFile }) });
  });
  beforeEach(() => receiver.behave('accepting', { status: 200, headers: {}, body: 'ok' }));
  afterAll(async () => {
    await receiver.close();
    await context.remove();
  });

  it('keeps webhook URLs secret, and not rooms', () => {
    expect(hook('slack').isTargetSecret && hook('mattermost').isTargetSecret).toBe(true);
    expect(matrix.isTargetSecret).toBe(false);
    expect(new Set([hook('slack'), hook('mattermost'), matrix].map(({ targetTitle }) => targetTitle)).size).toBe(3);
  });

  it('posts JSON to the webhook', async () => {
    await hook('slack').notify(`${receiver.url}/services/T1/B2/key`, makeNotice(), signal);
    expect(receiver.calls[0]).toMatchObject({ method: 'POST', path: '/services/T1/B2/key', headers: { 'content-type': 'application/json' } });
    expect(JSON.parse(receiver.calls[0]?.body ?? '')).toHaveProperty('blocks');
  });

  it('by default wants https, and no host of its own network', async () => {
    const careful = hook('mattermost', false);
    expect(careful.targetProblem('https://chat.example.org/hooks/x')).toBeNull();
    expect(careful.targetProblem('http://chat.example.org/hooks/x')).toMatch(/https/);
    expect(careful.targetProblem('https://localhost/hooks/x')).toMatch(/own network/);
    await expect(careful.notify(receiver.url, makeNotice(), signal)).rejects.toMatchObject({ code: 'invalid' });
    expect(receiver.calls).toEqual([]);
  });

  it("repeats Slack's one word for why, and nothing else that is answered", async () => {
    const notify = (): Promise<void> => hook('slack').notify(`${receiver.url}/services/x`, makeNotice(), signal);
    receiver.answer({ status: 410, headers: {}, body: 'channel_is_archived' });
    await expect(notify()).rejects.toMatchObject({ code: 'rejected', message: /\(channel_is_archived\)/ });
    receiver.answer({ status: 404, headers: {}, body: 'root:x:0:0:root:/root:/bin/sh' });
    await expect(notify()).rejects.toMatchObject({ code: 'rejected', message: expect.not.stringContaining('root') });
  });

  it('says what to do where the account is not in the room, and when to come back', async () => {
    const notify = (): Promise<void> => matrix.notify('!room:example.org', makeNotice(), signal);
    receiver.answer({ status: 403, headers: {}, body: '{"errcode":"M_FORBIDDEN","error":"not in room"}' });
    await expect(notify()).rejects.toMatchObject({ code: 'unauthorized', message: /invite the account/ });
    receiver.answer({ status: 429, headers: {}, body: '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}' });
    await expect(notify()).rejects.toMatchObject({ code: 'rate-limited', retryAfterSeconds: 3, message: /M_LIMIT_EXCEEDED/ });
    receiver.answer({ status: 429, headers: { 'retry-after': '9' }, body: '{"errcode":"M_LIMIT_EXCEEDED","retry_after_ms":2500}' });
    await expect(notify()).rejects.toMatchObject({ retryAfterSeconds: 9 });
    receiver.answer({ status: 404, headers: {}, body: '<html>nginx</html>' });
    await expect(notify()).rejects.toMatchObject({ code: 'rejected', message: expect.not.stringContaining('nginx') });
  });

  it('has its token checked', async () => {
    await matrix.check(signal);
    expect(receiver.calls[0]).toMatchObject({ method: 'GET', path: '/_matrix/client/v3/account/whoami' });
    expect(receiver.calls[0]?.headers.authorization).toBe('Bearer token-of-the-bot');
    receiver.answer({ status: 401, headers: {}, body: '{"errcode":"M_UNKNOWN_TOKEN"}' });
    await expect(matrix.check(signal)).rejects.toMatchObject({ code: 'unauthorized' });
    await expect(hook('slack').check(signal)).resolves.toBeUndefined();
  });

  it.each(['', 'two\nlines', null])('says what is wrong with the file of the token: %j', async (text) => {
    const accessTokenFile = join(context.folder, `token-${text?.length ?? 'none'}`);
    if (text !== null) await writeFile(accessTokenFile, text);
    const config = ChatConfig.parse({ format: 'matrix', homeserver: receiver.url, accessTokenFile });
    const notifier = new ChatNotifier({ ...context, config });
    await expect(notifier.notify('!room:example.org', makeNotice(), signal)).rejects.toMatchObject({ code: 'unauthorized', message: /access token/ });
    expect(receiver.calls).toEqual([]);
  });
});
