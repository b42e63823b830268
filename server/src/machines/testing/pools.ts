import type { PoolConfig } from '../../config/index.ts';

/** A pool of fake machines, for tests. */
export const POOL: PoolConfig = {
  name: 'pool',
  runner: 'lab',
  image: 'fake',
  jobs: 10,
  ready: 2,
  machines: 12,
  maxReadyMinutes: 60,
  idleMinutes: 5,
  allow: [],
  resources: null,
};
