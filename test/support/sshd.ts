import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const SSHD = '/usr/sbin/sshd';

/** Why no OpenSSH server can be started here; null if one can. For `describe.skipIf`. */
export function sshdMissing(): string | null {
  if (process.platform !== 'linux') return 'the tests find the processes of a connection in /proc, which only Linux has';
  return existsSync(SSHD) ? null : `there is no ${SSHD}: install openssh-server`;
}

/** A real OpenSSH server on a loopback port with keys of its own; whoever runs the test may log in with `privateKey`. */
export interface TestSshd {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly privateKey: string;
  readonly privateKeyFile: string;
  /** As in a known_hosts file: `[127.0.0.1]:port ssh-ed25519 ...`. */
  readonly knownHostsLine: string;
  /** Of the same key. */
  readonly fingerprint: string;
  /** A fingerprint of another key. */
  readonly otherFingerprint: string;
  /** Kills the server's side of every open connection at once, as a dying network would look. */
  cut(): void;
  /** Stops them (SIGSTOP): the peer is silent while TCP still acknowledges. `cut` ends them. */
  freeze(): void;
  /** Stops listening; open connections live on. */
  stop(): Promise<void>;
  /** Listens again on the same port. */
  start(): Promise<void>;
  /** Ends everything and removes its files. */
  close(): Promise<void>;
}

/** Starts one. `settings` are further lines of its configuration and win over ours. */
export async function startSshd(settings: readonly string[] = []): Promise<TestSshd> {
  const folder = mkdtempSync(join(tmpdir(), 'terrarium-sshd-'));
  const port = await freePort();
  for (const name of ['host', 'other', 'user']) makeKey(join(folder, name));
  writeFileSync(join(folder, 'sshd_config'), configuration(folder, port, settings));
  // Where OpenSSH locks itself in before a login; packages make it at boot only.
  if (process.getuid?.() === 0) mkdirSync('/run/sshd', { recursive: true, mode: 0o755 });
  let server = await listen(folder);
  const connections = new Set<number>();
  const collect = (): number[] => {
    for (const pid of childrenOf(server.pid)) connections.add(pid);
    return [...connections].filter((pid) => existsSync(`/proc/${pid}`));
  };
  const stop = async (): Promise<void> => {
    collect();
    if (server.exitCode !== null || server.signalCode !== null) return;
    server.kill('SIGKILL');
    await once(server, 'exit');
  };
  return {
    host: '127.0.0.1',
    port,
    user: userInfo().username,
    privateKey: readFileSync(join(folder, 'user'), 'utf8'),
    privateKeyFile: join(folder, 'user'),
    knownHostsLine: `[127.0.0.1]:${port} ${readFileSync(join(folder, 'host.pub'), 'utf8').trim()}`,
    fingerprint: fingerprint(join(folder, 'host.pub')),
    otherFingerprint: fingerprint(join(folder, 'other.pub')),
    cut: () => signalAll(collect(), 'SIGKILL'),
    freeze: () => signalAll(collect(), 'SIGSTOP'),
    stop,
    start: async () => {
      server = await listen(folder);
    },
    close: async () => {
      await stop();
      signalAll(collect(), 'SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function makeKey(file: string): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'terrarium-test', '-f', file]);
}

function fingerprint(publicKeyFile: string): string {
  const [, found] = execFileSync('ssh-keygen', ['-l', '-f', publicKeyFile], { encoding: 'utf8' }).split(' ');
  if (found === undefined) throw new Error('ssh-keygen printed no fingerprint');
  return found;
}

/** OpenSSH takes the first value it finds for a setting. */
function configuration(folder: string, port: number, settings: readonly string[]): string {
  const own = [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    `HostKey ${join(folder, 'host')}`,
    `AuthorizedKeysFile ${join(folder, 'user.pub')}`,
    'PidFile none',
    'UsePAM no',
    'StrictModes no',
    'PermitRootLogin yes',
    'PasswordAuthentication no',
    'MaxStartups 100',
    'LogLevel INFO',
    // Whoever runs the tests may have slow or noisy start files, or such as leave locks behind when they are killed: a login shell finds none in its home, and bash reads
    // those for a command over ssh only at the outermost level.
    `SetEnv SHLVL=5 HOME=${folder}`,
  ];
  return [...settings, ...own, ''].join('\n');
}

/** Resolves when the server says that it listens. */
async function listen(folder: string): Promise<ChildProcess> {
  const server = spawn(SSHD, ['-D', '-e', '-f', join(folder, 'sshd_config')], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  const lines = createInterface({ input: server.stderr });
  for await (const line of lines) {
    said.push(line);
    if (!line.startsWith('Server listening')) continue;
    server.stderr.resume();
    return server;
  }
  throw new Error(`sshd did not start: ${said.join('\n')}`);
}

function childrenOf(pid: number | undefined): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

function signalAll(pids: readonly number[], signal: NodeJS.Signals): void {
  for (const pid of pids) {
    try {
      process.kill(pid, signal);
    } catch (error) {
      const gone = error instanceof Error && 'code' in error && error.code === 'ESRCH';
      if (!gone) throw error;
    }
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  await new Promise((resolve) => probe.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
