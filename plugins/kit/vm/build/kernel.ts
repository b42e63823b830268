import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CommandError, runCommand } from '../command.ts';
import { type Archive, dependenciesOf, download } from './archive.ts';

/** A kernel package, unpacked. */
export interface Kernel {
  /** As `uname -r` says. */
  readonly release: string;
  /** Where `boot` and `lib/modules` (or `usr/lib/modules`) are. */
  readonly folder: string;
  /** What a machine is started with: uncompressed if that can be had here, which spares its machine the work. */
  readonly content: Buffer;
}

/** Debian's kernel for virtual machines. There is a 64-bit one only; it runs 32-bit systems as well. */
const META = 'linux-image-cloud-amd64';
const PART = /^linux-(?:image|binary|modules)-\d/;

/** Downloads and unpacks the kernel of an archive of amd64 into `folder`. */
export async function fetchKernel(archive: Archive, folder: string, signal: AbortSignal): Promise<Kernel> {
  const packages = await kernelPackages(archive, signal);
  const downloads = join(folder, 'packages');
  const unpacked = join(folder, 'unpacked');
  await Promise.all([mkdir(downloads, { recursive: true }), mkdir(unpacked, { recursive: true })]);
  await download(archive, packages, downloads, signal);
  for (const file of await readdir(downloads)) await runCommand({ argv: ['dpkg-deb', '-x', join(downloads, file), unpacked] }, signal);
  const name = (await readdir(join(unpacked, 'boot'))).find((file) => file.startsWith('vmlinuz-'));
  if (name === undefined) throw new Error(`The packages ${packages.join(', ')} hold no kernel.`);
  const content = await uncompressed(join(unpacked, 'boot', name), join(folder, 'payload'), signal);
  return { release: name.slice('vmlinuz-'.length), folder: unpacked, content };
}

async function kernelPackages(archive: Archive, signal: AbortSignal): Promise<string[]> {
  const found: string[] = [];
  const open = [META];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const parts = (await dependenciesOf(archive, name, signal)).filter((part) => PART.test(part) && !found.includes(part));
    found.push(...parts);
    open.push(...parts);
  }
  return found;
}

const DECOMPRESSORS = [
  { program: 'lz4', magic: Buffer.from([0x02, 0x21, 0x4c, 0x18]) },
  { program: 'zstd', magic: Buffer.from([0x28, 0xb5, 0x2f, 0xfd]) },
  { program: 'xz', magic: Buffer.from([0xfd, 0x37, 0x7a, 0x58]) },
  { program: 'gzip', magic: Buffer.from([0x1f, 0x8b]) },
] as const;

/** The kernel inside of a `vmlinuz`; the file as it is where that cannot be unpacked here. `payload` is a place for a file. */
async function uncompressed(file: string, payload: string, signal: AbortSignal): Promise<Buffer> {
  const whole = await readFile(file);
  const inner = payloadOf(whole);
  const decompressor = DECOMPRESSORS.find(({ magic }) => inner?.subarray(0, magic.length).equals(magic));
  if (inner === null || decompressor === undefined) return whole;
  await writeFile(payload, inner);
  try {
    const unpacked = await runCommand({ argv: [decompressor.program, '-dc', payload], maxOutput: 256 * 1024 * 1024 }, signal);
    return unpacked.subarray(0, 4).toString('latin1') === '\x7fELF' ? unpacked : whole;
  } catch (error) {
    // The program is not here: the compressed kernel starts, too.
    if (error instanceof CommandError) return whole;
    throw error;
  }
}

/** The compressed part by the boot protocol's header (kernel: Documentation/arch/x86/boot.rst), without the length that ends it. Null if that is no x86 kernel. */
export function payloadOf(kernel: Buffer): Buffer | null {
  if (kernel.length < 0x250 || kernel.toString('latin1', 0x202, 0x206) !== 'HdrS') return null;
  const sectors = kernel.readUInt8(0x1f1) || 4;
  const start = (sectors + 1) * 512 + kernel.readUInt32LE(0x248);
  const end = start + kernel.readUInt32LE(0x24c) - 4;
  return end > start && end <= kernel.length ? kernel.subarray(start, end) : null;
}
