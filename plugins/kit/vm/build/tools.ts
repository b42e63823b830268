import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { PluginError } from '#plugins/api';

/** Programs that are needed here to build an image, and the Debian package of each. */
const TOOLS: Readonly<Record<string, string>> = {
  mmdebstrap: 'mmdebstrap',
  'apt-get': 'apt',
  'apt-cache': 'apt',
  'dpkg-deb': 'dpkg',
  'dpkg-query': 'dpkg',
  mke2fs: 'e2fsprogs',
  'qemu-img': 'qemu-utils',
  unshare: 'util-linux',
  setpriv: 'util-linux',
  chroot: 'coreutils',
  truncate: 'coreutils',
};

const FOLDERS = ['/usr/local/sbin', '/usr/local/bin', '/usr/sbin', '/usr/bin', '/sbin', '/bin'];

/** `unsupported`, with the packages to install, unless all programs are here, and this computer can run what it installs. */
export async function checkTools(tools: Readonly<Record<string, string>> = TOOLS, architecture: string = process.arch): Promise<void> {
  if (process.platform !== 'linux' || architecture !== 'x64')
    throw new PluginError('unsupported', 'Images are built on Linux computers with an x86_64 processor only: elsewhere, import a disk.');
  const found = await Promise.all(Object.keys(tools).map(async (name) => ({ name, here: await isHere(name) })));
  const missing = found.filter(({ here }) => !here).map(({ name }) => name);
  if (missing.length === 0) return;
  const packages = [...new Set(missing.map((name) => tools[name] ?? name))].sort();
  throw new PluginError(
    'unsupported',
    `Images cannot be built on this computer without ${missing.join(', ')}. On Debian: apt-get install ${packages.join(' ')}`,
  );
}

async function isHere(name: string): Promise<boolean> {
  const tries = await Promise.allSettled(FOLDERS.map((folder) => access(join(folder, name), constants.X_OK)));
  return tries.some(({ status }) => status === 'fulfilled');
}
