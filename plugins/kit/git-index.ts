import { createHash } from 'node:crypto';

/** A file of a tree and what it will look like on disk. */
export interface IndexEntry {
  /** One character per byte. */
  readonly path: string;
  /** As in a tree: `100644`, `100755`, `120000`, `160000`. */
  readonly mode: string;
  readonly id: string;
  /** Bytes in the work tree; null where not known, which makes git look at the content. */
  readonly size: number | null;
  /** Seconds since 1970. */
  readonly modified: number;
}

const FIXED = 40;
const LONGEST_NAME = 0xfff;

/**
 * A git index, version 2 (gitformat-index), for files that an archive will unpack with exactly these sizes and times. With
 * `core.checkStat = minimal` git then takes the work tree as unchanged without reading it.
 */
export function writeIndex(entries: readonly IndexEntry[], algorithm: 'sha1' | 'sha256'): Buffer {
  const header = Buffer.alloc(12);
  header.write('DIRC', 0, 'latin1');
  header.writeUInt32BE(2, 4);
  header.writeUInt32BE(entries.length, 8);
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  const body = Buffer.concat([header, ...sorted.map(entryOf)]);
  return Buffer.concat([body, createHash(algorithm).update(body).digest()]);
}

function entryOf(entry: IndexEntry): Buffer {
  const id = Buffer.from(entry.id, 'hex');
  const name = Buffer.from(entry.path, 'latin1');
  const used = FIXED + id.length + 2 + name.length;
  // One to eight NULs end an entry, so that the next begins at a multiple of eight.
  const buffer = Buffer.alloc(used + 8 - (used % 8));
  const plausible = entry.size !== null && entry.modified > 0 && entry.modified < 2 ** 32;
  buffer.writeUInt32BE(plausible ? entry.modified : 0, 8);
  buffer.writeUInt32BE(Number.parseInt(entry.mode, 8), 24);
  buffer.writeUInt32BE(plausible ? (entry.size ?? 0) % 2 ** 32 : 0, 36);
  id.copy(buffer, FIXED);
  buffer.writeUInt16BE(Math.min(name.length, LONGEST_NAME), FIXED + id.length);
  name.copy(buffer, FIXED + id.length + 2);
  return buffer;
}
