import { definePlugin } from '#plugins/api';
import { BitbucketProvider } from './bitbucket-provider.ts';
import { BitbucketConfig } from './config.ts';

/** Repositories at Bitbucket, Cloud and Data Center. */
export default definePlugin({ id: 'scm-bitbucket', api: '^1.0.0', config: BitbucketConfig, provides: { scm: BitbucketProvider } });
