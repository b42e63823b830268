import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** Tests of real virtual machines, which fill this computer: they come after all others, one file at a time. */
const MACHINES = ['plugins/runner-{qemu,libvirt}/**/*.test.ts', 'plugins/kit/vm/vm-*.test.ts', 'test/scenarios/vm-*.test.ts'];
const ELSEWHERE = ['**/node_modules/**', 'dist/**'];

export default defineConfig({
  root: fileURLToPath(new URL('..', import.meta.url)),
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: {
    globalSetup: ['test/support/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // A busy computer of many others, where guests are translated besides, makes any step late; the report says what was tried twice. By hand nothing is.
    retry: process.env['CI'] === undefined ? 0 : 1,
    projects: [
      {
        extends: true,
        test: {
          name: 'usual',
          include: ['{server,plugins,agents,test,web}/**/*.test.ts'],
          exclude: [...ELSEWHERE, ...MACHINES],
          // Two cores: more workers only slow each other down.
          maxWorkers: 2,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'machines',
          include: MACHINES,
          exclude: ELSEWHERE,
          maxWorkers: 1,
          // An image may have to be built first.
          hookTimeout: 600_000,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
