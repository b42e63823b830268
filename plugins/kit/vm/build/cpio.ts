/** A file, folder or device of an archive. */
export interface CpioEntry {
  /** Without a slash in front. */
  readonly path: string;
  /** File type and permissions, as `stat` gives them. */
  readonly mode: number;
  readonly data?: Uint8Array;
  readonly device?: { readonly major: number; readonly minor: number };
}

const MAGIC = '070701';
const END = 'TRAILER!!!';

/** An archive as Linux unpacks it for its first process: the `newc` format (kernel: Documentation/driver-api/early-userspace/buffer-format.rst). All of it is root's. */
export function cpio(entries: readonly CpioEntry[]): Buffer {
  const parts = [...entries, { path: END, mode: 0 }].flatMap((entry, index) => encode(entry, index));
  return Buffer.concat(parts);
}

function encode({ path, mode, data, device }: CpioEntry, index: number): Buffer[] {
  const name = Buffer.from(`${path}\0`);
  const content = data === undefined ? Buffer.alloc(0) : Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  // inode, mode, uid, gid, links, mtime, size, device of the file (2), device it is (2), length of the name, checksum
  const numbers = [index + 1, mode, 0, 0, 1, 0, content.length, 0, 0, device?.major ?? 0, device?.minor ?? 0, name.length, 0];
  const header = Buffer.from(MAGIC + numbers.map((number) => number.toString(16).padStart(8, '0')).join(''));
  return [header, name, padding(header.length + name.length), content, padding(content.length)];
}

function padding(length: number): Buffer {
  return Buffer.alloc((4 - (length % 4)) % 4);
}
