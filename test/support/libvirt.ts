import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROGRAMS = ['libvirtd', 'virsh', 'qemu-system-x86_64', 'qemu-img', 'unshare', 'mount'];
/** What libvirt keeps to itself on a computer; the tests' own has its own. */
const FOLDERS = ['/etc/libvirt', '/run/libvirt', '/var/lib/libvirt', '/var/log/libvirt', '/var/cache/libvirt'];
/** Namespaces in which everything libvirtd starts ends with it, and in which mounts are nobody else's. */
const NAMESPACES = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];

/** Why no libvirt can be started here; null if one can. For `describe.skipIf`. */
export function libvirtMissing(): string | null {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return "a libvirtd of the tests' own needs Linux and root";
  const missing = PROGRAMS.filter((program) => spawnSync('sh', ['-c', 'command -v "$1"', 'sh', program]).status !== 0);
  if (missing.length > 0)
    return `there is no ${missing.join(', no ')}: install libvirt-daemon-system, libvirt-clients, qemu-system-x86 and qemu-utils`;
  const allowed = spawnSync('unshare', [...NAMESPACES, 'true']).status === 0;
  return allowed ? null : 'namespaces cannot be made here';
}

/** A real libvirtd that shares nothing with one of the system. */
export interface TestLibvirt {
  /** For `virsh -c`. */
  readonly uri: string;
  /** Runs virsh on it; throws if that fails. */
  virsh(...words: readonly string[]): string;
  /** The command lines of all QEMUs that it runs. */
  guests(): readonly string[];
  /** Kills it (SIGKILL) with all its guests, as a crash of the host would. */
  kill(): Promise<void>;
  /** Starts it again after `kill`. */
  start(): Promise<void>;
  /** Ends everything and removes its files. */
  close(): Promise<void>;
}

/**
 * Starts one. `$1`: its folder, then the folders that are to be its own. The shell stays as the namespace's first process, because libvirtd does not collect the processes
 * that are left to it.
 */
const START = `
own=$1
shift
for d in "$@"; do
  mkdir -p "$d" "$own/private$d" && mount --bind "$own/private$d" "$d" || exit 1
done
[ ! -d /run/dbus ] || mount -t tmpfs tmpfs /run/dbus || exit 1
libvirtd -f /etc/libvirt/libvirtd.conf -p "$own/pid" &
wait $!
`;

/** Starts libvirtd and waits until it answers. */
export async function startLibvirt(): Promise<TestLibvirt> {
  const folder = mkdtempSync(join(tmpdir(), 'terrarium-libvirt-'));
  const uri = `qemu+unix:///system?socket=${folder}/socket/libvirt-sock`;
  writeConfiguration(folder);
  const virsh = (...words: readonly string[]): string => execFileSync('virsh', ['-q', '-c', uri, ...words], { encoding: 'utf8', stdio: 'pipe' });
  let daemon = await launch(folder, virsh);
  const kill = async (): Promise<void> => {
    if (daemon.exitCode !== null || daemon.signalCode !== null) return;
    const guests = processesOf(daemon);
    daemon.kill('SIGKILL');
    await once(daemon, 'exit');
    await allGone(guests);
  };
  return {
    uri,
    virsh,
    guests: () => processesOf(daemon).flatMap((pid) => commandOf(pid)),
    kill,
    start: async () => {
      daemon = await launch(folder, virsh);
    },
    close: async () => {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function writeConfiguration(folder: string): void {
  const etc = join(folder, 'private/etc/libvirt');
  for (const path of [etc, join(folder, 'socket')]) mkdirSync(path, { recursive: true });
  const daemon = [`unix_sock_dir = "${folder}/socket"`, 'auth_unix_rw = "none"', 'auth_unix_ro = "none"', `log_outputs = "3:file:${folder}/log"`];
  // No security drivers and no cgroups: a test's computer need not have them. No virtlogd. QEMU's account is what the package makes it.
  const qemu = ['security_driver = "none"', 'cgroup_controllers = []', 'namespaces = []', 'stdio_handler = "file"'];
  writeFileSync(join(etc, 'libvirtd.conf'), `${daemon.join('\n')}\n`);
  writeFileSync(join(etc, 'qemu.conf'), `${qemu.join('\n')}\n`);
}

/** Asking is all that can be done until it answers; each asking takes a moment. */
async function launch(folder: string, virsh: (...words: readonly string[]) => string): Promise<ChildProcess> {
  const daemon = spawn('unshare', [...NAMESPACES, 'sh', '-c', START, 'sh', folder, ...FOLDERS], { stdio: ['ignore', 'ignore', 'pipe'] });
  const said: string[] = [];
  daemon.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
  for (let attempt = 0; attempt < 300; attempt += 1) {
    if (daemon.exitCode !== null) break;
    try {
      virsh('uri');
      return daemon;
    } catch (error) {
      said.push(String(error));
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  }
  daemon.kill('SIGKILL');
  throw new Error(`libvirtd does not answer: ${said.slice(-5).join('\n')}`);
}

/** All below the namespace's first process; a guest of libvirtd's is handed to that. */
function processesOf(daemon: ChildProcess): number[] {
  const below = (pid: number): number[] => childrenOf(pid).flatMap((child) => [child, ...below(child)]);
  return daemon.pid === undefined ? [] : below(daemon.pid);
}

function childrenOf(pid: number): number[] {
  const file = `/proc/${pid}/task/${pid}/children`;
  return existsSync(file) ? readFileSync(file, 'utf8').split(' ').filter(Boolean).map(Number) : [];
}

/** Of a QEMU that runs a guest; empty for others, and for one that has ended. */
function commandOf(pid: number): string[] {
  const file = `/proc/${pid}/cmdline`;
  const command = existsSync(file) ? readFileSync(file, 'utf8').replaceAll('\0', ' ').trim() : '';
  return command.includes('qemu-system') && command.includes(' -name guest=') ? [command] : [];
}

async function allGone(pids: readonly number[]): Promise<void> {
  while (pids.some((pid) => existsSync(`/proc/${pid}`))) {
    await new Promise((resolve) => {
      setTimeout(resolve, 10);
    });
  }
}
