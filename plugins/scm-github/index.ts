import { definePlugin } from '#plugins/api';
import { GithubConfig } from './config.ts';
import { GithubProvider } from './github-provider.ts';

/** Repositories at GitHub and GitHub Enterprise. */
export default definePlugin({ id: 'scm-github', api: '^1.0.0', config: GithubConfig, provides: { scm: GithubProvider } });
