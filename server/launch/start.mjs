// `npm start`: from a fresh clone to a running server.
import { launch } from './places.mjs';
import { prepare } from './prepare.mjs';
import { run } from './run.mjs';

await launch(async () => {
  await prepare((line) => process.stdout.write(`${line}\n`));
  await run('server', 'src', 'main.js');
});
