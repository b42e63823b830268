import { definePlugin } from '#plugins/api';
import { GithubActionsConfig } from './config.ts';
import { GithubActionsProvider } from './github-provider.ts';

/** Reads the workflows of GitHub Actions. */
export default definePlugin({ id: 'ci-github', api: '^1.0.0', config: GithubActionsConfig, provides: { ci: GithubActionsProvider } });
