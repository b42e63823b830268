import { definePlugin } from '#plugins/api';
import { SshRunnerConfig } from './config.ts';
import { SshRunner } from './driver.ts';

export default definePlugin({ id: 'runner-ssh', api: '^1.0.0', config: SshRunnerConfig, provides: { runner: SshRunner } });
