// `npm run dev`: compiles on every change, restarts the server, serves the pages with hot reload.
import { spawn } from 'node:child_process';
import { ROOT, inRoot, launch } from './places.mjs';
import { prepare } from './prepare.mjs';

const COMMANDS = [
  [inRoot('node_modules/@typescript/native/bin/tsc'), '-p', 'tsconfig.build.json', '--watch', '--preserveWatchOutput'],
  ['--watch', '--watch-preserve-output', '--enable-source-maps', inRoot('dist/server/src/main.js')],
  [inRoot('node_modules/vite/bin/vite.js'), '--config', 'web/vite.config.ts'],
];

await launch(async () => {
  await prepare((line) => process.stdout.write(`${line}\n`), true);
  // Each in a process group of its own: tsc is a wrapper whose child would outlive it, and Ctrl-C shall reach them once, by us.
  const children = COMMANDS.map((args) => spawn(process.execPath, args, { cwd: ROOT, detached: true, stdio: ['ignore', 'inherit', 'inherit'] }));
  const stop = () => children.forEach(endGroup);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, stop);
  for (const child of children) child.once('exit', stop);
});

function endGroup(child) {
  try {
    process.kill(-child.pid, 'SIGTERM');
  } catch (error) {
    // ESRCH: the whole group is gone already.
    if (error.code !== 'ESRCH') throw error;
  }
}
