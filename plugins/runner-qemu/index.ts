import { definePlugin } from '#plugins/api';
import { QemuConfig } from './config.ts';
import { QemuRunner } from './driver.ts';

export default definePlugin({ id: 'runner-qemu', api: '^1.0.0', config: QemuConfig, provides: { runner: QemuRunner } });
