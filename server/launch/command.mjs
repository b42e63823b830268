import { spawn } from 'node:child_process';
import { mkdirSync, openSync, closeSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { LaunchError, ROOT } from './places.mjs';

const STILL_SECONDS = 10;
const TAIL_LINES = 40;

/**
 * Runs a command in the checkout with its output in a log file. `say` gets a line when it starts and one every ten seconds.
 * On failure throws a LaunchError with the end of the log.
 */
export async function runLogged({ title, command, args, log, say }) {
  mkdirSync(dirname(log), { recursive: true });
  const output = openSync(log, 'w');
  say(`${title} ...`);
  const start = Date.now();
  const timer = setInterval(() => say(`${title}: still at it after ${Math.round((Date.now() - start) / 1000)} seconds`), STILL_SECONDS * 1000);
  try {
    const end = await finished(spawn(command, args, { cwd: ROOT, stdio: ['ignore', output, output] }));
    if (end !== 'exit code 0') throw new LaunchError(`${title} failed (${end}). The end of ${log}:\n\n${tailOf(log)}`);
  } finally {
    clearInterval(timer);
    closeSync(output);
  }
}

function finished(child) {
  return new Promise((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal === null ? `exit code ${code}` : `ended by ${signal}`));
  });
}

function tailOf(log) {
  return readFileSync(log, 'utf8').trimEnd().split('\n').slice(-TAIL_LINES).join('\n');
}
