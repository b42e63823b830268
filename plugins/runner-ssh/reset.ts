import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { PluginError, type Session } from '#plugins/api';

/** How much of a reset's output goes into the message when it fails: the last of it. Characters. */
const TOLD = 2_000;

/** A reset here finds its programs in the usual places, and nothing of the server's environment. */
const SERVER_ENVIRONMENT = { PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C' };

/** Runs the administrator's reset on the host, over a session there. `rejected` if it fails. An abort kills it. */
export async function resetOnHost(session: Session, argv: readonly string[], signal: AbortSignal): Promise<void> {
  const output = new Tail();
  const { exitCode } = await session.exec(argv, { signal, onOutput: (chunk) => output.add(chunk) });
  if (exitCode !== 0) throw failed(argv, `exit code ${exitCode}`, output);
}

/** Runs it here, in `folder`. `rejected` if it fails. An abort kills it and what it started. */
export async function resetOnServer(argv: readonly string[], folder: string, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  const [program = '', ...rest] = argv;
  const child = spawn(program, rest, { cwd: folder, env: SERVER_ENVIRONMENT, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = new Tail();
  child.stdout.on('data', (chunk: Buffer) => output.add(chunk));
  child.stderr.on('data', (chunk: Buffer) => output.add(chunk));
  const kill = (): void => killGroup(child.pid);
  signal.addEventListener('abort', kill, { once: true });
  try {
    await once(child, 'exit');
    signal.throwIfAborted();
    if (child.exitCode !== 0) throw failed(argv, child.signalCode ?? `exit code ${child.exitCode}`, output);
  } catch (error) {
    if (signal.aborted || error instanceof PluginError) throw error;
    throw new PluginError('rejected', `The reset ${argv.join(' ')} cannot be started here: ${String(error)}`, { cause: error });
  } finally {
    signal.removeEventListener('abort', kill);
  }
}

/** A group that has ended by itself is what was wanted. */
function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

function failed(argv: readonly string[], how: string, output: Tail): PluginError {
  return new PluginError('rejected', `The reset ${argv.join(' ')} ended with ${how}: ${output.text || 'it said nothing'}`);
}

/** Keeps the end of what a command says. */
class Tail {
  #text = '';

  add(chunk: Uint8Array): void {
    this.#text = (this.#text + Buffer.from(chunk).toString()).slice(-TOLD);
  }

  get text(): string {
    return this.#text.trim();
  }
}
