import { describeScmProvider, type ScmTestRepository } from '#plugins/api/testing';
import { FLAVOURS, startSubject } from './testing/subject.ts';

for (const flavour of FLAVOURS) {
  describeScmProvider(`BitbucketProvider (${flavour})`, async () => {
    const { host, provider, close } = await startSubject(flavour);
    await provider.init(AbortSignal.timeout(10_000));
    const create = async (): Promise<ScmTestRepository> => {
      const repository = await host.createRepository('ADA', `demo-${host.number()}`);
      return {
        repository: { url: host.cloneUrl(repository), credentials: null },
        commit: (branch, files, message) => repository.commit(branch, files, message),
        tag: async (name, commit) => {
          await repository.tag(name, commit);
          return commit;
        },
      };
    };
    return {
      provider,
      create,
      missing: { url: `${host.url}/${flavour === 'cloud' ? '' : 'scm/'}ada/missing.git`, credentials: null },
      hostile: { url: 'ext::sh -c true', credentials: null },
      commitLength: 40,
      close,
    };
  });
}
