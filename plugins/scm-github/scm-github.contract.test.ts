import { describeScmProvider, type ScmTestRepository } from '#plugins/api/testing';
import { git } from '#plugins/kit/testing/git-host';
import { anonymously, byApp, byToken, startSubject, type Way } from './testing/subject.ts';

function describeGithub(title: string, way: Way): void {
  describeScmProvider(title, async () => {
    const { github, provider, close } = await startSubject(way);
    github.install('ada');
    let count = 0;
    const create = async (): Promise<ScmTestRepository> => {
      count += 1;
      const { workshop } = await github.createRepository(`ada/repository-${count}`);
      return {
        repository: { url: `${github.url}/ada/repository-${count}`, credentials: null },
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
      missing: { url: `${github.url}/ada/missing`, credentials: null },
      hostile: { url: 'ext::sh -c true', credentials: null },
      commitLength: 40,
      close,
    };
  });
}

describeGithub('GithubProvider without credentials', anonymously);
describeGithub('GithubProvider with a token', byToken);
describeGithub('GithubProvider as an App', byApp);
