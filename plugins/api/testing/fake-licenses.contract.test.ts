import { FakeLicenses, FakeLicenseServer } from './fake-licenses.ts';
import { describeLicenses } from './licenses-contract.ts';

describeLicenses('FakeLicenses', true, async () => {
  const server = new FakeLicenseServer();
  server.seats.set('solver', 12);
  return {
    backend: new FakeLicenses(server),
    feature: 'solver',
    seats: 12,
    reset: async () => {
      server.behaviour = 'answering';
      server.uses.clear();
      server.waiting = 0;
    },
    take: async (taken) => void server.take('solver', taken),
    behave: async (how) => {
      server.behaviour = how;
    },
    reached: async () => {
      while (server.waiting === 0) await new Promise((resolve) => setImmediate(resolve));
    },
    close: async () => undefined,
  };
});
