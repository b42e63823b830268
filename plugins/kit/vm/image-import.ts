import { constants } from 'node:fs';
import { copyFile, open, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { type ImportedDisk, PluginError } from '#plugins/api';
import { parseHostKey } from '../ssh-host-key.ts';
import { CommandError, runCommand } from './command.ts';
import type { Manifest } from './manifest.ts';
import { FILES, describeFile, digestOf } from './stored-version.ts';

/** What `qemu-img info --output=json` says of a disk; source: QEMU's docs/interop/qcow2 and `ImageInfo` of its QAPI schema. */
const DiskInfo = z.object({
  format: z.string(),
  'virtual-size': z.number().int().positive(),
  'backing-filename': z.string().optional(),
  encrypted: z.boolean().optional(),
  'format-specific': z.object({ data: z.object({ 'data-file': z.string().optional() }) }).optional(),
});

const MAGIC = Buffer.from([0x51, 0x46, 0x49, 0xfb]);

/** Copies a disk with the key to it into the folder of a version, and gives what its manifest says. `invalid` for a disk or key that cannot be used. */
export async function importDisk(
  disk: ImportedDisk,
  target: string,
  progress: (line: string) => void,
  signal: AbortSignal,
): Promise<Omit<Manifest, 'format' | 'name' | 'madeAt'>> {
  parseHostKey(disk.hostKey);
  if (!/^-----BEGIN [A-Z ]*PRIVATE KEY-----\r?\n/.test(disk.privateKey))
    throw new PluginError('invalid', 'The private key is no key in OpenSSH or PEM format.');
  await checkMagic(disk.file);
  progress('Copying the disk');
  const copy = join(target, FILES.disk);
  await copyFile(disk.file, copy, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  // Of the copy: the file itself may change meanwhile.
  const diskBytes = await checkDisk(copy, disk.file, signal);
  await writeFile(join(target, FILES.key), disk.privateKey, { mode: 0o600 });
  progress('Taking the digest');
  const description = {
    origin: 'imported' as const,
    system: disk.system,
    architecture: disk.architecture,
    diskBytes,
    boot: { kind: 'firmware' as const },
    files: { disk: await describeFile(copy, signal) },
    access: { kind: 'fixed' as const, user: disk.user, hostKey: disk.hostKey },
    systemVersion: null,
    interpreters: [],
    toolchains: [],
    labels: {},
    packages: [],
    recipe: null,
  };
  return { ...description, digest: digestOf(description, disk.privateKey) };
}

async function checkMagic(path: string): Promise<void> {
  const file = await open(path).catch((cause: unknown) => {
    throw new PluginError('invalid', `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead !== 4 || !buffer.equals(MAGIC))
      throw new PluginError('invalid', `${path} is no qcow2 disk. "qemu-img convert -O qcow2" makes one.`);
  } finally {
    await file.close();
  }
}

/** The size that a machine sees. A disk that says to read other files would show files of this computer to a machine: it is refused. */
async function checkDisk(path: string, title: string, signal: AbortSignal): Promise<number> {
  const info = DiskInfo.parse(JSON.parse((await ask(path, title, signal)).toString('utf8')));
  const other = info['backing-filename'] ?? info['format-specific']?.data['data-file'];
  if (other !== undefined)
    throw new PluginError(
      'invalid',
      `${title} is not whole: it needs the file ${JSON.stringify(other)}. "qemu-img convert -O qcow2" makes a whole one.`,
    );
  if (info.encrypted === true) throw new PluginError('invalid', `${title} is encrypted.`);
  return info['virtual-size'];
}

async function ask(path: string, title: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await runCommand({ argv: ['qemu-img', 'info', '--output=json', '-f', 'qcow2', path] }, signal);
  } catch (cause) {
    if (!(cause instanceof CommandError)) throw cause;
    if (cause.exitCode === null) throw new PluginError('unsupported', 'There is no qemu-img here: install qemu-utils.', { cause });
    throw new PluginError('invalid', `${title} is no disk that can be used: ${cause.message}`, { cause });
  }
}
