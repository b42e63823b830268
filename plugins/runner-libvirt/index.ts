import { definePlugin } from '#plugins/api';
import { LibvirtConfig } from './config.ts';
import { LibvirtRunner } from './driver.ts';

export default definePlugin({ id: 'runner-libvirt', api: '^1.0.0', config: LibvirtConfig, provides: { runner: LibvirtRunner } });
