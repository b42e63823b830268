import { definePlugin } from '#plugins/api';
import { NoxConfig } from './config.ts';
import { NoxProvider } from './nox-provider.ts';

/** Reads noxfile.py. */
export default definePlugin({ id: 'ci-nox', api: '^1.0.0', config: NoxConfig, provides: { ci: NoxProvider } });
