import { describeNotifier, fakeContext } from '#plugins/api/testing';
import { answerFor, startReceiver } from '#plugins/kit/testing/http-receiver';
import { WebhookConfig } from './config.ts';
import { WebhookNotifier } from './webhook-notifier.ts';

const SECRET = 'correct-horse-battery';

describeNotifier('WebhookNotifier', async () => {
  const receiver = await startReceiver();
  const context = await fakeContext(WebhookConfig.parse({ allowPrivate: true }));
  return {
    notifier: new WebhookNotifier(context),
    target: `${receiver.url}/hooks/terrarium#${SECRET}`,
    nonsense: ['https://example.org/', 'https://example.org/#', 'https://example.org/#short', 'https://example.org/#sixteen letters!', `#${SECRET}`],
    secrets: [SECRET],
    behave: (how) => receiver.behave(how, answerFor(how)),
    arrived: () => receiver.calls.map(({ headers, body }) => ({ key: String(headers['x-terrarium-delivery']), text: body })),
    reached: () => receiver.reached(),
    close: async () => {
      await receiver.close();
      await context.remove();
    },
  };
});
