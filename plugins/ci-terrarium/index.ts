import { definePlugin } from '#plugins/api';
import { TerrariumCiConfig } from './config.ts';
import { TerrariumCi } from './provider.ts';

/** Reads `.terrarium.yml`. */
export default definePlugin({ id: 'ci-terrarium', api: '^1.0.0', config: TerrariumCiConfig, provides: { ci: TerrariumCi } });
