import { describeLicenses, fakeContext } from '#plugins/api/testing';
import { FlexnetConfig } from './config.ts';
import { FlexnetLicenses } from './flexnet-licenses.ts';
import { FlexnetServer } from './testing/flexnet-server.ts';

for (const removeLeft of [true, false])
  describeLicenses(`FlexnetLicenses that ${removeLeft ? 'may' : 'may not'} remove`, removeLeft, async () => {
    const files = await fakeContext(null);
    const server = await FlexnetServer.open(files.folder, 12);
    const ours = { users: ['ci-*'], hosts: ['worker*'] };
    const context = await fakeContext(FlexnetConfig.parse({ program: server.program, server: server.server, ours, removeLeft }));
    return {
      backend: new FlexnetLicenses(context),
      feature: 'solver',
      seats: 12,
      reset: async () => {
        await server.behave('answering');
        await server.clear();
      },
      take: async ({ isOurs, seats, since }) => {
        await server.take({ ...(isOurs ? { user: 'ci-1', host: 'WORKER3' } : {}), seats, since: since.toISOString() });
      },
      behave: (how) => server.behave(how),
      reached: () => server.reached(),
      close: async () => {
        await context.remove();
        await files.remove();
      },
    };
  });
