import { build, isBuilt } from './build.mjs';
import { areDependenciesInstalled, installDependencies } from './dependencies.mjs';
import { withLock } from './lock.mjs';
import { checkNodeVersion } from './node-version.mjs';

/**
 * Makes a checkout ready to run: right Node, dependencies as the lock says, dist as the sources say. Does nothing, quickly, if all is so already.
 * `withTools` also wants what only tests and checks need. `say` gets lines of progress. Throws LaunchError.
 */
export async function prepare(say, withTools = false) {
  checkNodeVersion();
  if (process.env.TERRARIUM_SKIP_BUILD || isReady(withTools)) return;
  await withLock(say, async () => {
    if (!areDependenciesInstalled(withTools || !isBuilt())) await installDependencies(say);
    if (!isBuilt()) await build(say);
  });
}

function isReady(withTools) {
  return isBuilt() && areDependenciesInstalled(withTools);
}
