import { FakeRunner, FakeRunnerController } from './fake-runner.ts';
import { describeRunnerDriver } from './runner-contract.ts';

describeRunnerDriver('fake', async () => {
  const controller = new FakeRunnerController();
  return {
    driver: new FakeRunner(controller),
    image: 'fake',
    machines: 3,
    later: async () => new FakeRunner(controller),
    lose: async (id) => controller.lose(id),
    leftovers: () => controller.leftovers(),
    close: () => controller.close(),
  };
});
