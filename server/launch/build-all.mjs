// `npm run build`: everything anew.
import { build } from './build.mjs';
import { areDependenciesInstalled, installDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { checkNodeVersion } from './node-version.mjs';
import { launch } from './places.mjs';

const say = (line) => process.stdout.write(`${line}\n`);

await launch(async () => {
  checkNodeVersion();
  await withLock(say, async () => {
    if (!areDependenciesInstalled(true)) await installDependencies(say);
    await build(say, true);
  });
});
