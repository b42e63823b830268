import { FakeAudience, FakeNotifier } from './fake-notifier.ts';
import { describeNotifier } from './notifier-contract.ts';

describeNotifier('FakeNotifier', async () => {
  const audience = new FakeAudience();
  return {
    notifier: new FakeNotifier(audience),
    target: 'fake:everybody',
    nonsense: ['fake:', 'fake:Two Words'],
    secrets: [],
    behave: async (how) => {
      audience.behaviour = how;
      audience.heard.splice(0);
      audience.waiting = 0;
    },
    arrived: () => audience.heard.map(({ notice }) => ({ key: notice.id, text: JSON.stringify(notice) })),
    reached: async () => {
      while (audience.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    },
    close: async () => undefined,
  };
});
