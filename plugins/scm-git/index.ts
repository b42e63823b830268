import { definePlugin } from '#plugins/api';
import { GitConfig } from './config.ts';
import { GitProvider } from './git-provider.ts';

/** Git repositories behind any URL that git reads. */
export default definePlugin({ id: 'scm-git', api: '^1.0.0', config: GitConfig, provides: { scm: GitProvider } });
