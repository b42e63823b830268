import { definePlugin } from '#plugins/api';
import { LocalConfig } from './config.ts';
import { LocalRunner } from './local-runner.ts';

/** Machines on this host: a sandbox of namespaces each, or a folder where there are none. */
export default definePlugin({ id: 'runner-local', api: '^1.0.0', config: LocalConfig, provides: { runner: LocalRunner } });
