#!/usr/bin/env node
// The `terrarium` command, from any folder; it prepares the checkout it lies in if need be. Standard output is the command's alone.
import { launch } from './places.mjs';
import { prepare } from './prepare.mjs';
import { run } from './run.mjs';

await launch(async () => {
  await prepare((line) => process.stderr.write(`${line}\n`));
  await run('server', 'src', 'cli', 'main.js');
});
