import path from 'node:path';
import { describeScmProvider, fakeContext, type ScmTestRepository } from '#plugins/api/testing';
import { GitConfig } from './config.ts';
import { GitProvider } from './git-provider.ts';
import { Workshop, git, temporaryFolder } from '#plugins/kit/testing/git-host';

describeScmProvider('GitProvider over local paths', async () => {
  const { folder, remove } = await temporaryFolder();
  const context = await fakeContext(GitConfig.parse({}));
  const provider = new GitProvider(context);
  await provider.init(AbortSignal.timeout(10_000));
  let count = 0;
  const create = async (): Promise<ScmTestRepository> => {
    count += 1;
    const workshop = await Workshop.create(folder, `repository ${count}`);
    return {
      repository: { url: workshop.folder, credentials: null },
      commit: (branch, files, message) => workshop.commit(branch, files, message),
      tag: async (name, commit) => {
        await git(workshop.folder, 'tag', '-a', '-m', name, name, commit);
        return commit;
      },
    };
  };
  return {
    provider,
    create,
    missing: { url: path.join(folder, 'missing'), credentials: null },
    hostile: { url: 'ext::sh -c true', credentials: null },
    commitLength: 40,
    close: async () => {
      await provider.close();
      await context.remove();
      await remove();
    },
  };
});
