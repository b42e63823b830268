import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { uptime } from 'node:os';
import { dirname, join } from 'node:path';
import type { LocalConfig } from './config.ts';
import { CONTROL_FOLDER, REPLIES_FOLDER, SESSION_FOLDER } from './control.ts';
import { hiding } from './hiding.ts';
import { isBelow, outermost } from './paths.ts';

/** The job's user inside a sandbox. */
export const INSIDE_USER = 1000;
const SYSTEM = ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/etc', '/nix/store', '/var/lib/dpkg', '/sys/devices/system/cpu'];
/** Nobody's business, even where the host's file modes would let the job read it. */
const SECRETS = ['shadow', 'shadow-', 'gshadow', 'gshadow-', 'sudoers', 'sudoers.d', 'ssh', 'ssl/private', 'krb5.keytab', 'terrarium', 'wireguard'];
const CONTROL_PATH = '/run/terrarium/control.sh';
const SHARED_MEMORY_BYTES = 536_870_912;
const KERNEL_MOUNTS = [
  '--proc',
  '/proc',
  '--dev',
  '/dev',
  '--perms',
  '1777',
  '--size',
  String(SHARED_MEMORY_BYTES),
  '--tmpfs',
  '/dev/shm',
  '--remount-ro',
  '/dev',
];
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** What all sandboxes of an instance have in common. */
export interface SandboxHost {
  readonly config: LocalConfig;
  /** Folders of interpreters outside the system's, absolute. */
  readonly pythons: readonly string[];
  /** The instance's folder: holds `etc/passwd`, `etc/group`, `etc/hosts`, `etc/empty` and `etc/control.sh`; never visible itself. */
  readonly folder: string;
}

/** The folders of one machine on the host, and who owns what the job writes. `uid` null: this process's own user. */
export interface SandboxMachine {
  readonly folder: string;
  readonly uid: number | null;
}

/** A machine's sandbox: bubblewrap's arguments, and the command to run inside. */
export interface Sandbox {
  /** The file with the arguments that all machines of the instance share. */
  readonly shared: string;
  readonly own: readonly string[];
  readonly command: readonly string[];
}

/**
 * What becomes a sandbox. The root is an empty read-only file system into which the system and the
 * interpreters are bound read-only: what is not named here is not there. Nothing is writable but the machine's own folders, /tmp, /var/tmp
 * and /dev/shm. An overlay of the host's root would add nothing: a user namespace of one user may not write to root's files, copied or not.
 */
export function sandboxOf(host: SandboxHost, machine: SandboxMachine): Sandbox {
  const { processes, fileMegabytes } = host.config;
  const shell = existsSync('/bin/bash') ? ['/bin/bash', '--posix'] : ['/bin/sh'];
  const limits = [String(processes), fileMegabytes === null ? 'unlimited' : String(fileMegabytes * 2048), String(bootTime())];
  return { shared: sharedArgumentsFile(host), own: ownMounts(machine), command: [...become(machine), ...shell, CONTROL_PATH, ...limits] };
}

/** Unix time minus the host's uptime. Milliseconds. */
export function bootTime(): number {
  return Math.round(Date.now() - uptime() * 1000);
}

/** Where the arguments are that all machines share. */
export function sharedArgumentsFile(host: Pick<SandboxHost, 'folder'>): string {
  return join(host.folder, 'etc', 'arguments');
}

/** The arguments that all machines of the instance share; `asRoot`: this process is the host's root. */
export function sharedArguments(host: SandboxHost, asRoot: boolean): string[] {
  return [...namespaces(host, asRoot), ...sharedMounts(host), ...environment()];
}

/**
 * Root keeps what it needs to become the job's user, nothing more; the user namespace comes after, in `become`. So the mount, PID and
 * network namespaces belong to the host's root, and not even a job that is root of its own user namespace may change them.
 */
function namespaces(host: SandboxHost, asRoot: boolean): string[] {
  const user = ['--unshare-user', '--uid', String(INSIDE_USER), '--gid', String(INSIDE_USER), '--cap-drop', 'ALL'];
  const root = ['--cap-drop', 'ALL', '--cap-add', 'CAP_SETUID', '--cap-add', 'CAP_SETGID'];
  const network = host.config.network === 'none' ? ['--unshare-net'] : [];
  return ['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--hostname', 'terrarium', ...network, ...(asRoot ? root : user)];
}

function become(machine: SandboxMachine): string[] {
  if (machine.uid === null) return [];
  const drop = ['setpriv', `--reuid=${machine.uid}`, `--regid=${machine.uid}`, '--clear-groups', '--'];
  return [...drop, 'unshare', '--user', `--map-user=${INSIDE_USER}`, `--map-group=${INSIDE_USER}`, '--'];
}

function sharedMounts(host: SandboxHost): string[] {
  const wanted = [...host.pythons, ...host.config.visible].filter((path) => existsSync(path));
  const visible = outermost(wanted);
  const system = SYSTEM.filter((path) => existsSync(path));
  const folders = parents([...visible, ...system, CONTROL_FOLDER, SESSION_FOLDER, '/var/tmp']);
  return [
    ...folders.flatMap((path) => ['--perms', '0755', '--dir', path]),
    ...system.flatMap((path) => bindSystem(path)),
    ...visible.flatMap((path) => (isBelow(path, '/usr') ? [] : ['--ro-bind', path, path])),
    ...hiding({
      folder: host.folder,
      shown: [...system.filter((path) => !isLink(path)), ...visible],
      wanted,
      hidden: [...SECRETS.map((name) => `/etc/${name}`), ...host.config.hidden],
      empty: join(host.folder, 'etc/empty'),
    }),
    ...['passwd', 'group', 'hosts'].flatMap((name) => ['--ro-bind', join(host.folder, 'etc', name), `/etc/${name}`]),
    '--ro-bind',
    join(host.folder, 'etc/control.sh'),
    CONTROL_PATH,
    ...resolver(host.config),
    ...KERNEL_MOUNTS,
    '--symlink',
    '/tmp',
    '/var/tmp',
  ];
}

function ownMounts(machine: SandboxMachine): string[] {
  const binds = [
    ['folder', SESSION_FOLDER],
    ['tmp', '/tmp'],
    ['replies', REPLIES_FOLDER],
  ].flatMap(([name = '', path = '']) => ['--bind', join(machine.folder, name), path]);
  return [...binds, '--ro-bind', join(machine.folder, 'control'), CONTROL_FOLDER, '--remount-ro', '/', '--chdir', SESSION_FOLDER];
}

/** Not the language: the control shell sets it, once the programs before it have started without reading a dozen files for it each. */
function environment(): string[] {
  const variables = { PATH, HOME: `${SESSION_FOLDER}/home`, USER: 'terrarium', LOGNAME: 'terrarium', SHELL: '/bin/sh' };
  return ['--clearenv', ...Object.entries(variables).flatMap(([name, value]) => ['--setenv', name, value])];
}

/** /bin and its like are links on systems with a merged /usr. */
function bindSystem(path: string): string[] {
  return isLink(path) ? ['--symlink', readlinkSync(path), path] : ['--ro-bind', path, path];
}

function isLink(path: string): boolean {
  return lstatSync(path).isSymbolicLink();
}

/** With the host's network a job needs its name servers; the file is often a link into /run, which sandboxes do not see. */
function resolver(config: LocalConfig): string[] {
  const file = '/etc/resolv.conf';
  if (config.network === 'none' || !existsSync(file)) return [];
  const real = realpathSync(file);
  return isBelow(real, '/etc') ? [] : ['--ro-bind', real, real];
}

/** All folders above the paths, outermost first, without the root. */
function parents(paths: readonly string[]): string[] {
  const found = new Set<string>();
  for (const path of paths) for (let folder = dirname(path); folder !== '/'; folder = dirname(folder)) found.add(folder);
  return [...found].filter((path) => !isBelow(path, '/usr') && !isBelow(path, '/etc')).sort();
}
