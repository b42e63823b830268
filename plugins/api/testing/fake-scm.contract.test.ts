import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FakeScm, FakeScmHost } from './fake-scm.ts';
import { describeScmProvider } from './scm-contract.ts';

describeScmProvider('FakeScm', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'terrarium-fake-scm-'));
  const host = new FakeScmHost();
  let count = 0;
  return {
    provider: new FakeScm(host, folder),
    missing: { url: 'fake://ada/missing', credentials: null },
    hostile: { url: 'ext::sh -c true', credentials: null },
    commitLength: 40,
    create: async () => {
      count += 1;
      const url = `fake://ada/${'x'.repeat(count)}`;
      const repository = host.create(url);
      return {
        repository: { url, credentials: null },
        commit: async (branch, files, message) => repository.commit(branch, files, message),
        tag: async (name, commit) => {
          repository.tags.set(name, commit);
          return commit;
        },
      };
    },
    close: () => rm(folder, { recursive: true }),
  };
});
