import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Programs of the system that tests use: how the Debian package is called, and what cannot be tested without it. */
const PACKAGES = [
  { name: 'bubblewrap', programs: ['bwrap'], for: 'jobs in a sandbox on this machine, and Windows programs in Wine' },
  { name: 'openssh-server', programs: ['sshd'], for: 'jobs over SSH, against a server on the loopback' },
  { name: 'openssh-client', programs: ['ssh', 'ssh-keygen'], for: 'SSH keys and known hosts' },
  { name: 'git', programs: ['git'], for: 'everything that builds from a git repository' },
  { name: 'mercurial', programs: ['hg'], for: 'everything that builds from a Mercurial repository' },
  { name: 'chromium', programs: ['chromium', 'chromium-browser', 'google-chrome'], any: true, for: 'the web pages in a browser' },
  { name: 'openssl', programs: ['openssl'], for: 'certificates of servers on the loopback' },
  { name: 'busybox', programs: ['busybox'], for: "the agent's script under a second shell" },
  { name: 'dash', programs: ['dash'], for: "the agent's script under a third shell" },
  { name: 'libvirt-daemon-system', programs: ['libvirtd', 'virsh'], for: 'machines of libvirt, of a libvirtd that the tests start' },
  { name: 'mmdebstrap', programs: ['mmdebstrap'], for: 'building the image that the tests of machines use, and the Wine that those of Windows use' },
  { name: 'qemu-utils', programs: ['qemu-img'], for: 'images of machines' },
  { name: 'qemu-system-x86', programs: ['qemu-system-x86_64'], for: 'machines of QEMU' },
  { name: 'socat', programs: ['socat'], for: "the ways into and out of QEMU's machines" },
  { name: 'nftables', programs: ['nft'], for: "the rules of machines' networks" },
  { name: 'iproute2', programs: ['ip'], for: "machines' networks" },
  { name: 'e2fsprogs', programs: ['mke2fs'], for: 'the disks of images' },
  { name: 'python3', programs: ['python3'], for: 'scenarios whose jobs run Python' },
  { name: 'tox', programs: ['tox'], for: 'comparing what is read of its files with what it says itself' },
  { name: 'nox', programs: ['nox'], for: 'the same of noxfiles' },
  { name: 'python3-pip', programs: ['pip3'], for: "jobs that install a Python project with the system's own Python" },
  { name: 'python3-pytest', programs: ['pytest-3'], for: "jobs that run a Python project's tests with the system's own Python" },
  { name: 'python3-pytest', programs: ['pytest', 'pytest-3'], any: true, for: 'the scenario whose tests leave a report' },
];

/**
 * Installs what is missing where that is allowed (Debian's apt-get, as root or by a sudo that asks nothing), and says what stays missing and
 * what that means for the tests. Returns the names of what stays missing.
 */
export function installSystemPackages(say) {
  const missing = findMissing();
  if (missing.length === 0) return [];
  const names = missing.map(({ name }) => name);
  const asRoot = process.geteuid?.() === 0 ? [] : ['sudo', '-n'];
  if (!mayInstall(asRoot)) return report(missing, say);
  say(`Installing system packages for the tests: ${names.join(' ')} ...`);
  // The package lists of a fresh container are empty or old: only then ask for new ones.
  const isInstalled =
    install(asRoot, names, say, false) || (run([...asRoot, 'apt-get', 'update', '-qq']).status === 0 && install(asRoot, names, say, true));
  return isInstalled ? report(findMissing(), say) : report(missing, say);
}

/** The packages of which a program is missing. */
export function findMissing() {
  return PACKAGES.filter(({ programs, any }) => (any ? !programs.some(isThere) : !programs.every(isThere)));
}

function isThere(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  return folders.some((folder) => isExecutable(join(folder, program)));
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    // Not there or not ours to run: the same for us.
    return false;
  }
}

function mayInstall(asRoot) {
  return isThere('apt-get') && (asRoot.length === 0 || (isThere('sudo') && run(['sudo', '-n', 'true']).status === 0));
}

function install(asRoot, names, say, isLast) {
  // RUNLEVEL=1: a package that brings a service (sshd) does not start it.
  const environment = ['env', 'DEBIAN_FRONTEND=noninteractive', 'RUNLEVEL=1'];
  const result = run([...asRoot, ...environment, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...names]);
  if (result.status !== 0 && isLast) say(`apt-get failed:\n${result.stderr.trimEnd()}`);
  return result.status === 0;
}

function run([command, ...args]) {
  return spawnSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
}

function report(missing, say) {
  if (missing.length === 0) return [];
  say('Not on this system, so what needs it is skipped:');
  for (const { name, for: purpose } of missing) say(`  ${name}: ${purpose}`);
  say(`On Debian or Ubuntu: apt-get install ${missing.map(({ name }) => name).join(' ')}`);
  return missing.map(({ name }) => name);
}
