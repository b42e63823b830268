import { open } from 'node:fs/promises';
import { createGunzip } from 'node:zlib';
import type { BundleFormat } from '#server/api';
import { CoreError } from '../common/errors.ts';

const TAR_MAGIC_AT = 257;
const HEAD_BYTES = 512;

/** Throws `invalid` for a file that does not begin as an archive of that format: a mistake that should show at the upload, not in every job. */
export async function assertArchive(path: string, format: BundleFormat): Promise<void> {
  const head = await firstBytes(path, 65_536);
  const isGood = format === 'zip' ? isZip(head) : isTar(format === 'tar' ? head : await unzipped(head));
  if (!isGood) throw new CoreError('invalid', `This is no archive of the format ${format}. Say which it is: tar, tar.gz or zip.`);
}

async function firstBytes(path: string, length: number): Promise<Buffer> {
  const handle = await open(path, 'r');
  try {
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}

/** A file's header, or that of an archive without files. */
function isZip(head: Buffer): boolean {
  return head.subarray(0, 4).equals(Buffer.from('PK\u0003\u0004')) || head.subarray(0, 4).equals(Buffer.from('PK\u0005\u0006'));
}

/** Of POSIX (ustar, pax) and of GNU; what is older has no mark. */
function isTar(head: Buffer): boolean {
  return head.subarray(TAR_MAGIC_AT, TAR_MAGIC_AT + 5).equals(Buffer.from('ustar'));
}

/** The first bytes of what is packed; as many as there are before something is wrong. */
async function unzipped(head: Buffer): Promise<Buffer> {
  const gunzip = createGunzip();
  const chunks: Buffer[] = [];
  let length = 0;
  gunzip.end(head);
  try {
    for await (const chunk of gunzip as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      length += chunk.length;
      if (length >= HEAD_BYTES) break;
    }
  } catch {
    // Cut off where we stopped reading, or no gzip at all: what came out says which.
  }
  return Buffer.concat(chunks);
}
