// Runs one TypeScript module of ours in a process of its own, as the tests do: `node run-typescript.mjs FILE`.
import { runnerImport } from 'vite';

const [, , file = ''] = process.argv;
await runnerImport(file, {
  configFile: false,
  logLevel: 'error',
  resolve: { conditions: ['source'] },
  ssr: { resolve: { conditions: ['source'] } },
  environments: { ssr: { resolve: { conditions: ['source'] } } },
});
