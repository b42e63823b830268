import { join } from 'node:path';
import { GUEST_FILES, guestScript } from './guest.ts';
import type { InterpreterPlan } from './plan.ts';
import type { Superuser } from './superuser.ts';

/** The folder of another system in the base. */
export function suiteFolder(root: string, tree: string): string {
  return join(root, 'opt', 'suites', tree);
}

/** Makes an installed tree below `/opt/suites` one of the machine's systems. */
export async function joinSuite(root: string, tree: string, as: Superuser, signal: AbortSignal): Promise<void> {
  await as.shell(await guestScript('suite.sh'), [root, tree, GUEST_FILES], signal);
}

/** Makes an interpreter usable for jobs in the base system, and gives it what it lacks. */
export async function installInterpreter(root: string, plan: InterpreterPlan, as: Superuser, signal: AbortSignal): Promise<void> {
  const { name, source, tree } = plan;
  const home = tree === null ? root : suiteFolder(root, tree);
  if (source.sitePackages !== undefined) {
    const script = await guestScript('site-packages.sh');
    await as.chroot(home, ['sh', '-euc', script, 'sh', source.program, source.sitePackages], signal);
  }
  if (tree === null) return;
  await as.shell(await guestScript('interpreter.sh'), [root, tree, name, source.program, ...source.aliases], signal);
}
