import { existsSync, readFileSync } from 'node:fs';
import { runLogged } from './command.mjs';
import { inRoot } from './places.mjs';

/**
 * Whether node_modules holds what package-lock.json says. npm leaves a copy of the lock there as its last act, so an installation that was
 * cut short, or was made for another lock, is seen. `withTools` asks for what building and testing need, too.
 */
export function areDependenciesInstalled(withTools) {
  const copy = inRoot('node_modules', '.package-lock.json');
  if (!existsSync(copy)) return false;
  const installed = packagesOf(copy);
  return Object.entries(packagesOf(inRoot('package-lock.json'))).every(([path, wanted]) => {
    const found = installed[path];
    if (path === '' || found?.version === wanted.version) return true;
    // What is optional may be for another platform; what is only for development may be left out.
    return (
      found === undefined && (wanted.optional === true || wanted.devOptional === true || wanted.peer === true || (wanted.dev === true && !withTools))
    );
  });
}

/** Installs by `npm ci`. */
export async function installDependencies(say) {
  // Named, because NODE_ENV=production or an npmrc may leave out what the build and the embedded database need.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=warn'];
  const title = 'Installing dependencies (npm ci), a minute or two the first time';
  await runLogged({ title, command: 'npm', args, log: inRoot('dist', 'install.log'), say });
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}
