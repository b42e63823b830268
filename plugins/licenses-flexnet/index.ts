import { definePlugin } from '#plugins/api';
import { FlexnetConfig } from './config.ts';
import { FlexnetLicenses } from './flexnet-licenses.ts';

/** Licence servers of FlexNet (FlexLM), asked by lmutil. */
export default definePlugin({ id: 'licenses-flexnet', api: '^1.0.0', config: FlexnetConfig, provides: { licenses: FlexnetLicenses } });
