// `npm run check`: all that can be said about the code without running it. Every check runs; any that fails, fails it.
import { spawnSync } from 'node:child_process';
import { inRoot, launch, ROOT } from '../../server/launch/places.mjs';
import { prepare } from '../../server/launch/prepare.mjs';

const CHECKS = [
  ['types', '@typescript/native/bin/tsc', '-p', 'tsconfig.json', '--noEmit', '--incremental', 'false'],
  ['types of the web', 'vue-tsc/bin/vue-tsc.js', '--noEmit', '-p', 'web/tsconfig.json'],
  ['lint', 'oxlint/bin/oxlint', '--type-aware', '--deny-warnings'],
  ['format', 'oxfmt/bin/oxfmt', '--check', '.'],
  [
    'who imports whom',
    'dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    '.dependency-cruiser.cjs',
    'server',
    'plugins',
    'agents',
    'web/src',
    'test',
  ],
  ['unused code', 'knip/bin/knip.js', '--no-progress'],
];

await launch(async () => {
  await prepare((line) => process.stdout.write(`${line}\n`), true);
  const failed = CHECKS.filter(([title, program, ...args]) => !passes(title, program, args)).map(([title]) => title);
  process.stdout.write(failed.length === 0 ? `all ${CHECKS.length} checks passed\n` : `failed: ${failed.join(', ')}\n`);
  process.exitCode = failed.length === 0 ? 0 : 1;
});

function passes(title, program, args) {
  const start = performance.now();
  const { status } = spawnSync(process.execPath, [inRoot('node_modules', program), ...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  process.stdout.write(`${status === 0 ? 'ok    ' : 'FAILED'} ${title} (${((performance.now() - start) / 1000).toFixed(1)} s)\n`);
  return status === 0;
}
