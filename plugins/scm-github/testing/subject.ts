import { fakeContext, type FakeContext } from '#plugins/api/testing';
import { GithubConfig } from '../config.ts';
import { GithubProvider } from '../github-provider.ts';
import { type FakeGithub, startFakeGithub } from './fake-github.ts';

/** A provider that talks to a fake GitHub of its own. */
export interface Subject {
  readonly github: FakeGithub;
  readonly context: FakeContext<GithubConfig>;
  readonly provider: GithubProvider;
  /** Another one of the same GitHub. Closed with the first. */
  readonly open: (config: Record<string, unknown>) => Promise<GithubProvider>;
  /** Fails if the fake was asked for what it does not expect. */
  readonly close: () => Promise<void>;
}

/** How the provider proves who it is. */
export type Way = (github: FakeGithub) => Record<string, unknown>;

export const anonymously: Way = () => ({});
/** As `ada`, who must be given what she may. */
export const byToken: Way = (github) => {
  github.addUser('ada');
  return { token: github.token('ada') };
};
export const byApp: Way = ({ state: { app } }) => ({ app: { id: app.id, privateKey: app.privateKey, webhookSecret: app.webhookSecret } });

export async function startSubject(way: Way, config: Record<string, unknown> = {}): Promise<Subject> {
  const github = await startFakeGithub();
  const opened: { provider: GithubProvider; context: FakeContext<GithubConfig> }[] = [];
  const open = async (own: Record<string, unknown>): Promise<{ provider: GithubProvider; context: FakeContext<GithubConfig> }> => {
    const context = await fakeContext(GithubConfig.parse({ webUrl: github.url, ...own }));
    const provider = new GithubProvider(context);
    opened.push({ provider, context });
    await provider.init(AbortSignal.timeout(30_000));
    return { provider, context };
  };
  const { provider, context } = await open({ ...way(github), ...config });
  return {
    github,
    provider,
    context,
    open: async (own) => (await open(own)).provider,
    close: async () => {
      for (const one of opened) {
        await one.provider.close();
        await one.context.remove();
      }
      await github.close();
    },
  };
}
