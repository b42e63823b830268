import { runCommand } from '../command.ts';
import type { Superuser } from './superuser.ts';

/**
 * Makes a qcow2 disk with one file system out of a folder, without mounting anything. The file system keeps no journal and no checksums: a machine that loses its
 * disk is thrown away.
 */
export async function makeDisk(root: string, bytes: number, work: string, target: string, as: Superuser, signal: AbortSignal): Promise<void> {
  const raw = `${work}/disk.raw`;
  const features = '^has_journal,^metadata_csum,^resize_inode';
  await as.run(
    { argv: ['mke2fs', '-q', '-t', 'ext4', '-O', features, '-m', '0', '-i', '32768', '-L', 'terrarium', '-d', root, raw, `${bytes / 1024}k`] },
    signal,
  );
  await as.run({ argv: ['chmod', '0644', raw] }, signal);
  await runCommand({ argv: ['qemu-img', 'convert', '-f', 'raw', '-O', 'qcow2', '-o', 'lazy_refcounts=off', raw, target] }, signal);
}
