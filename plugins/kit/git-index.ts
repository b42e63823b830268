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

const HEADER = 12;
const FIXED = 40;
const LONGEST_NAME = 0xfff;

/**
 * A git index, version 2 (gitformat-index), for files that an archive will unpack with exactly these sizes and times. With
 * `core.checkStat = minimal` git then takes the work tree as unchanged without reading it.
 */
export function writeIndex(entries: readonly IndexEntry[], algorithm: 'sha1' | 'sha256'): Buffer {
  const idBytes = algorithm === 'sha1' ? 20 : 32;
  const sorted = [...entries].sort((a, b) => (a.path < b.path ? -1 : 1));
  // All in one: a buffer for each of very many entries takes a multiple of the room, and long to collect.
  const body = Buffer.alloc(sorted.reduce((sum, { path }) => sum + lengthOf(path, idBytes), HEADER));
  body.write('DIRC', 0, 'latin1');
  body.writeUInt32BE(2, 4);
  body.writeUInt32BE(sorted.length, 8);
  let at = HEADER;
  for (const entry of sorted) {
    writeEntry(body, at, entry, idBytes);
    at += lengthOf(entry.path, idBytes);
  }
  return Buffer.concat([body, createHash(algorithm).update(body).digest()]);
}

/** One to eight NULs end an entry, so that the next begins at a multiple of eight from it. */
function lengthOf(path: string, idBytes: number): number {
  const used = FIXED + idBytes + 2 + path.length;
  return used + 8 - (used % 8);
}

/** Writes an entry into a place that holds zeros. */
function writeEntry(body: Buffer, at: number, entry: IndexEntry, idBytes: number): void {
  const plausible = entry.size !== null && entry.modified > 0 && entry.modified < 2 ** 32;
  body.writeUInt32BE(plausible ? entry.modified : 0, at + 8);
  body.writeUInt32BE(Number.parseInt(entry.mode, 8), at + 24);
  body.writeUInt32BE(plausible ? (entry.size ?? 0) % 2 ** 32 : 0, at + 36);
  body.write(entry.id, at + FIXED, idBytes, 'hex');
  body.writeUInt16BE(Math.min(entry.path.length, LONGEST_NAME), at + FIXED + idBytes);
  body.write(entry.path, at + FIXED + idBytes + 2, 'latin1');
}
