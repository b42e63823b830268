import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A TypeScript module that runs in a process of its own. */
export interface TypescriptProcess {
  process: ChildProcess;
  /** The next line of its standard output; throws when it ends without one. */
  line(): Promise<string>;
  /** Kills it and resolves when it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

const RUNNER = fileURLToPath(new URL('run-typescript.mjs', import.meta.url));

/** Starts a module (an absolute path) with more environment. Its errors go to ours. */
export function runTypescript(file: string, environment: Record<string, string>): TypescriptProcess {
  const child = spawn(process.execPath, [RUNNER, file], { env: { ...process.env, ...environment }, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const exited = once(child, 'exit');
  return {
    process: child,
    async line() {
      const next = await lines.next();
      if (next.done) throw new Error(`${file} ended without another line`);
      return next.value;
    },
    async kill(signal) {
      child.kill(signal);
      await exited;
    },
  };
}
