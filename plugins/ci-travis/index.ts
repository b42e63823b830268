import { definePlugin } from '#plugins/api';
import { TravisConfig } from './config.ts';
import { TravisProvider } from './travis-provider.ts';

export default definePlugin({ id: 'ci-travis', api: '^1.0.0', config: TravisConfig, provides: { ci: TravisProvider } });
