import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** Programs of the tree. */
export const WINE = '/usr/lib/wine/wine64';
export const WINESERVER = '/usr/lib/wine/wineserver64';

/** Where a program of a Debian tree runs. */
export interface Sandbox {
  readonly tree: string;
  /** What of this computer is seen in it, and where; all may be written. */
  readonly binds: readonly (readonly [outside: string, inside: string])[];
  /** All that the program gets: nothing of ours. */
  readonly environment: Readonly<Record<string, string>>;
  /** The working directory, inside; absent: the root. */
  readonly folder?: string;
}

/** Of Wine. Its user is whom Windows programs run as; UTF-8 makes file names what they are for Windows. */
export const wineEnvironment = {
  LC_ALL: 'C.UTF-8',
  HOME: '/prefix',
  USER: 'ci',
  PATH: '/usr/bin',
  XDG_RUNTIME_DIR: '/tmp',
  WINEPREFIX: '/prefix',
  WINESERVER,
  WINEDEBUG: '-all',
  // None of: another .NET, a browser, menus of a desktop, a debugger, which may hang beside what has crashed and keeps it.
  WINEDLLOVERRIDES: 'mscoree=;mshtml=;winemenubuilder.exe=;winedbg.exe=',
};

/** Arguments of bwrap. What is started dies with whoever starts it; processes see each other, which Wine wants. */
export function inRoot({ tree, binds, environment, folder = '/' }: Sandbox, argv: readonly string[]): string[] {
  const variables = Object.entries(environment).flatMap(([name, value]) => ['--setenv', name, value]);
  const seen = binds.flatMap(([outside, inside]) => ['--bind', outside, inside]);
  const system = ['--ro-bind', tree, '/', '--dev', '/dev', '--proc', '/proc', '--ro-bind', '/sys', '/sys'];
  return ['--die-with-parent', ...system, '--clearenv', ...variables, ...seen, '--chdir', folder, '--', ...argv];
}

/**
 * Runs a program that may leave others behind, as the first one of Wine does: these keep what they were given as output, so they get none. Throws if it ends with another code than one
 * of `fine`.
 */
export async function runAlone(sandbox: Sandbox, argv: readonly string[], fine: readonly number[] = [0]): Promise<void> {
  const child = spawn('bwrap', inRoot(sandbox, argv), { stdio: 'ignore' });
  await once(child, 'exit');
  if (child.exitCode === null || !fine.includes(child.exitCode))
    throw new Error(`${argv.join(' ')} ended with ${child.exitCode ?? child.signalCode}.`);
}

/** Ends all of Wine. It fails where nothing is left to be ended. */
export async function endWine(sandbox: Sandbox): Promise<void> {
  await runAlone(sandbox, [WINESERVER, '--kill'], [0, 1]);
  await runAlone(sandbox, [WINESERVER, '--wait']);
}
