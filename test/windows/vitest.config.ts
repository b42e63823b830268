import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

/** For `npm run test:windows`: the machine is somebody's, so one thing after the other. */
export default defineConfig({
  root: fileURLToPath(new URL('../..', import.meta.url)),
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  test: { include: ['test/windows/*.suite.ts'], testTimeout: 180_000, hookTimeout: 300_000, pool: 'forks', maxWorkers: 1 },
});
