import { definePlugin } from '#plugins/api';
import { ArchiveConfig } from './config.ts';
import { ArchiveProvider } from './archive-provider.ts';

/** Archives of sources by URL and checksum. */
export default definePlugin({ id: 'scm-archive', api: '^1.0.0', config: ArchiveConfig, provides: { scm: ArchiveProvider } });
