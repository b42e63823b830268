import { definePlugin } from '#plugins/api';
import { HgConfig } from './config.ts';
import { HgProvider } from './hg-provider.ts';

/** Mercurial repositories by URL. */
export default definePlugin({ id: 'scm-hg', api: '^1.0.0', config: HgConfig, provides: { scm: HgProvider } });
