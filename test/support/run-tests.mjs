// `npm test`: everything the tests need, then all of them, or those named after `--`. The last line is `N passed, N failed, N skipped`.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { inRoot, launch, ROOT } from '../../server/launch/places.mjs';
import { prepare } from '../../server/launch/prepare.mjs';
import { installSystemPackages } from './system-packages.mjs';

const REPORT = inRoot('dist', 'test-report.json');

await launch(async () => {
  const say = (line) => process.stdout.write(`${line}\n`);
  await prepare(say, true);
  installSystemPackages(say);
  process.exitCode = runVitest(process.argv.slice(2));
  const { passed, failed, skipped } = totals();
  say(`${passed} passed, ${failed} failed, ${skipped} skipped`);
});

function runVitest(filters) {
  rmSync(REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const args = [inRoot('node_modules/vitest/vitest.mjs'), 'run', '--config', 'test/vitest.config.ts', ...reporters, ...filters];
  // Built a moment ago: the servers that tests start need not look again.
  const env = { ...process.env, TERRARIUM_SKIP_BUILD: '1' };
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
  return status ?? 1;
}

/** Counts from vitest's own report. A file that could not even be loaded has no tests to count: it counts as one that failed. */
function totals() {
  const report = JSON.parse(readFileSync(REPORT, 'utf8'));
  const broken = report.testResults.filter((file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'));
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + broken.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}
