// `npm run test:windows -- --host H --user U --key FILE --host-key KEY [--port P] [--folder F] [--shells S,S]`: the rules of sessions and of the agent on a Windows machine of yours.
import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inRoot, launch, LaunchError, ROOT } from '../../server/launch/places.mjs';
import { prepare } from '../../server/launch/prepare.mjs';

const REPORT = inRoot('dist', 'windows-report.json');
const HINT = `It must be told the machine: --host NAME --user NAME --key FILE --host-key KEY, where KEY is a line of \`ssh-keyscan NAME\` or a fingerprint (SHA256:...).
Also: --port NUMBER (22), --folder FOLDER (C:\\terrarium-test), --shells cmd,powershell,pwsh,sh,bash (the first two) for the agent's commands, and after "--" what vitest is to be told. docs/WINDOWS.md says how the machine is prepared.`;

await launch(async () => {
  const { machine, rest } = read(process.argv.slice(2));
  await prepare((line) => process.stdout.write(`${line}\n`), true);
  rmSync(REPORT, { force: true });
  const reporters = ['--reporter=verbose', '--reporter=json', `--outputFile.json=${REPORT}`];
  const args = [inRoot('node_modules/vitest/vitest.mjs'), 'run', '--config', 'test/windows/vitest.config.ts', ...reporters, ...rest];
  const env = { ...process.env, TERRARIUM_TEST_WINDOWS: JSON.stringify(machine) };
  const { status } = spawnSync(process.execPath, args, { cwd: ROOT, env, stdio: ['ignore', 'inherit', 'inherit'] });
  process.exitCode = status ?? 1;
  summarize(JSON.parse(readFileSync(REPORT, 'utf8')));
});

function read(argv) {
  const text = { type: 'string' };
  const options = { host: text, user: text, key: text, 'host-key': text, port: text, folder: text, shells: text };
  try {
    const { values, positionals } = parseArgs({ args: argv, options, allowPositionals: true });
    const missing = ['host', 'user', 'key', 'host-key'].filter((name) => values[name] === undefined);
    if (missing.length > 0) throw new LaunchError(`Not given: ${missing.map((name) => `--${name}`).join(', ')}.\n${HINT}`);
    const { host, user, key, port = '22', folder = 'C:\\terrarium-test', shells = 'cmd,powershell' } = values;
    return {
      machine: { host, port: Number(port), user, privateKeyFile: key, hostKey: values['host-key'], folder, shells: shells.split(',') },
      rest: positionals,
    };
  } catch (error) {
    if (error instanceof TypeError) throw new LaunchError(`${error.message}\n${HINT}`);
    throw error;
  }
}

function summarize({ testResults, numPassedTests, numFailedTests, numPendingTests, numTodoTests }) {
  const failed = testResults.flatMap((file) => file.assertionResults).filter(({ status }) => status === 'failed');
  for (const { fullName } of failed) process.stdout.write(`failed: ${fullName}\n`);
  process.stdout.write(`${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests + numTodoTests} skipped\n`);
}
