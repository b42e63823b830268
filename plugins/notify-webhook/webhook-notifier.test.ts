import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { BuildNotice } from '#plugins/api';
import { type FakeContext, fakeContext, makeHostileNotice, makeNotice } from '#plugins/api/testing';
import { type HttpReceiver, startReceiver } from '#plugins/kit/testing/http-receiver';
import { WebhookConfig } from './config.ts';
import { WebhookNotifier } from './webhook-notifier.ts';

const signal = AbortSignal.timeout(600_000);
const SECRET = 'correct-horse-battery';

describe('WebhookNotifier', () => {
  let receiver: HttpReceiver;
  let context: FakeContext<WebhookConfig>;
  let notifier: WebhookNotifier;
  beforeAll(async () => {
    receiver = await startReceiver();
    context = await fakeContext(WebhookConfig.parse({ allowPrivate: true }));
    notifier = new WebhookNotifier(context);
  });
  beforeEach(() => receiver.behave('accepting', { status: 204, headers: {}, body: '' }));
  afterAll(async () => {
    await receiver.close();
    await context.remove();
  });

  it('posts the notice as it is, signed over the very bytes', async () => {
    const notice = makeHostileNotice('notice-7:58', 'ünïcödé \u{1F600} </script>');
    await notifier.notify(`${receiver.url}/hook?from=ci#${SECRET}`, notice, signal);
    expect(receiver.calls).toHaveLength(1);
    const [call] = receiver.calls;
    expect(BuildNotice.parse(JSON.parse(call?.body ?? ''))).toEqual(notice);
    const signature = createHmac('sha256', SECRET)
      .update(Buffer.from(call?.body ?? ''))
      .digest('hex');
    expect(call).toMatchObject({
      method: 'POST',
      path: '/hook?from=ci',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'Terrarium',
        'x-terrarium-event': 'build',
        'x-terrarium-delivery': 'notice-7%3A58',
        'x-terrarium-signature-256': `sha256=${signature}`,
      },
    });
    expect(JSON.stringify(call)).not.toContain(SECRET);
  });

  it('takes the secret as it is written, with more signs and percents', async () => {
    await notifier.notify(`${receiver.url}/#a#b%20c%zz-0123456789`, makeNotice(), signal);
    const [call] = receiver.calls;
    const signature = createHmac('sha256', 'a#b%20c%zz-0123456789')
      .update(call?.body ?? '')
      .digest('hex');
    expect(call?.headers['x-terrarium-signature-256']).toBe(`sha256=${signature}`);
  });

  it('does not repeat what the other side says', async () => {
    receiver.answer({ status: 400, headers: { 'content-type': 'text/plain' }, body: 'internal-detail' });
    const refused = notifier.notify(`${receiver.url}/#${SECRET}`, makeNotice(), signal);
    await expect(refused).rejects.toMatchObject({ code: 'rejected', message: expect.not.stringContaining('internal-detail') });
  });

  it('does not follow a redirect with the notice', async () => {
    receiver.answer({ status: 307, headers: { location: `${receiver.url}/elsewhere` }, body: '' });
    await expect(notifier.notify(`${receiver.url}/#${SECRET}`, makeNotice(), signal)).rejects.toMatchObject({
      code: 'rejected',
      message: /redirect/,
    });
    expect(receiver.calls.map(({ path }) => path)).toEqual(['/']);
  });

  it('says when it may come back', async () => {
    receiver.answer({ status: 429, headers: { 'retry-after': '90' }, body: '' });
    await expect(notifier.notify(`${receiver.url}/#${SECRET}`, makeNotice(), signal)).rejects.toMatchObject({
      code: 'rate-limited',
      retryAfterSeconds: 90,
    });
  });

  it('by default calls nobody in its own network, by no name', async () => {
    const usual = await fakeContext(WebhookConfig.parse({}));
    const careful = new WebhookNotifier(usual);
    for (const host of ['127.0.0.1', 'localhost', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0', '10.0.0.1', '169.254.169.254'])
      expect(careful.targetProblem(`http://${host}:${receiver.port}/#${SECRET}`), host).toMatch(/own network/);
    expect(careful.targetProblem(`https://example.org/#${SECRET}`)).toBeNull();
    await expect(careful.notify(`${receiver.url}/#${SECRET}`, makeNotice(), signal)).rejects.toMatchObject({ code: 'invalid' });
    expect(receiver.calls).toEqual([]);
    await usual.remove();
  });
});
