import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

// Plain JavaScript without dependencies, all of this folder: it runs before `npm ci` has.

/** The checkout. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A path within the checkout. */
export function inRoot(...parts) {
  return join(ROOT, ...parts);
}

/** What stops the launcher: its message is all that the user needs to see. */
export class LaunchError extends Error {
  constructor(message, options) {
    super(message, options);
    this.name = 'LaunchError';
  }
}

/** Runs the launcher's main function; a LaunchError ends the process with its sentence instead of a stack. */
export async function launch(main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof LaunchError)) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
