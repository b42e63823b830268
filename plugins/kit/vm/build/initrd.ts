import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError } from '../command.ts';
import { type CpioEntry, cpio } from './cpio.ts';
import { GUEST_FILES } from './guest.ts';
import type { Superuser } from './superuser.ts';

/** What the disk and the network of a machine need. Some are part of the kernel itself in newer ones. */
const MODULES = ['virtio_pci', 'virtio_blk', 'virtio_net', 'virtio_rng', 'virtio_balloon', 'ext4'];

const FOLDER = 0o040755;
const PROGRAM = 0o100755;
const FILE = 0o100644;

/** What a machine has in memory when it starts: a shell, the modules that reach its disk, and the script that goes there. `root` is its system. */
export async function makeInitrd(root: string, release: string, as: Superuser, signal: AbortSignal): Promise<Buffer> {
  const modules = join(root, 'lib', 'modules', release);
  const index = await readText(join(modules, 'modules.dep'), as, signal);
  const builtIn = await readText(join(modules, 'modules.builtin'), as, signal);
  const order = loadOrder(index, builtIn, MODULES);
  const files: { name: string; data: Buffer }[] = [];
  for (const path of order) files.push({ name: plainName(path), data: await readModule(root, join(modules, path), as, signal) });
  const busybox = await as.chroot(root, ['cat', '/bin/busybox'], signal);
  const script = await readFile(join(GUEST_FILES, 'early.sh'));
  const list = files.map(({ name }) => `${name}\n`).join('');
  const folders = ['bin', 'dev', 'proc', 'root', 'modules'].map((path): CpioEntry => ({ path, mode: FOLDER }));
  return cpio([
    ...folders,
    // What the first process says goes there.
    { path: 'dev/console', mode: 0o020600, device: { major: 5, minor: 1 } },
    { path: 'init', mode: PROGRAM, data: script },
    { path: 'bin/busybox', mode: PROGRAM, data: busybox },
    { path: 'modules/order', mode: FILE, data: Buffer.from(list) },
    ...files.map(({ name, data }): CpioEntry => ({ path: `modules/${name}`, mode: FILE, data })),
  ]);
}

/** Files of modules, each behind all that it needs. Throws for a wish that is neither a module nor part of the kernel. */
export function loadOrder(index: string, builtIn: string, wishes: readonly string[]): string[] {
  const needs = new Map(index.split('\n').flatMap((line) => parseNeeds(line)));
  const byName = new Map([...needs.keys()].map((path) => [moduleName(path), path]));
  const partOfKernel = new Set(builtIn.split('\n').map(moduleName));
  const order = new Set<string>();
  const add = (path: string): void => {
    if (order.has(path)) return;
    // The nearest comes first in the line, what that needs behind it.
    for (const need of (needs.get(path) ?? []).toReversed()) add(need);
    order.add(path);
  };
  for (const wish of wishes) {
    const path = byName.get(wish);
    if (path !== undefined) add(path);
    else if (!partOfKernel.has(wish)) throw new Error(`The kernel has no module ${wish}.`);
  }
  return [...order];
}

function parseNeeds(line: string): [string, string[]][] {
  const [path, rest = ''] = line.split(':');
  return path === undefined || path === '' ? [] : [[path, rest.split(' ').filter((one) => one !== '')]];
}

/** `kernel/drivers/char/hw_random/virtio-rng.ko.xz` is `virtio_rng`. */
function moduleName(path: string): string {
  return (path.split('/').at(-1) ?? '').replace(/\.ko(\.\w+)?$/, '').replaceAll('-', '_');
}

function plainName(path: string): string {
  return `${moduleName(path)}.ko`;
}

async function readText(path: string, as: Superuser, signal: AbortSignal): Promise<string> {
  return (await as.run({ argv: ['cat', path] }, signal)).toString('utf8');
}

/** The module, uncompressed: BusyBox loads no other. */
async function readModule(root: string, path: string, as: Superuser, signal: AbortSignal): Promise<Buffer> {
  const inside = path.slice(root.length);
  const packed = /\.(xz|gz|zst)$/.exec(path)?.[1];
  if (packed === undefined) return await as.run({ argv: ['cat', path] }, signal);
  const program = { xz: 'xz', gz: 'gzip', zst: 'zstd' }[packed];
  if (program === undefined) throw new CommandError(`Nothing here unpacks ${path}.`, null);
  return await as.chroot(root, [program, '-dc', inside], signal);
}
