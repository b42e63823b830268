import { definePlugin } from '#plugins/api';
import { AppveyorProvider } from './appveyor-provider.ts';
import { AppveyorConfig } from './config.ts';

/** Reads `appveyor.yml`. */
export default definePlugin({ id: 'ci-appveyor', api: '^1.0.0', config: AppveyorConfig, provides: { ci: AppveyorProvider } });
