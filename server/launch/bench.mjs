// `npm run bench [NAME...]`: builds what is needed, then measures.
import { launch } from './places.mjs';
import { prepare } from './prepare.mjs';
import { run } from './run.mjs';

await launch(async () => {
  await prepare((line) => process.stderr.write(`${line}\n`));
  await run('test', 'bench', 'main.js');
});
