import { crc32 } from 'node:zlib';

/**
 * A log's journal: a file of fixed-size records, each of which ties a place in the stored log to one in the spool. From a record on, the log can
 * be made again out of the spool and comes out the same. Little-endian:
 *
 * | bytes | field |
 * | --- | --- |
 * | 0-7, 8-15, 16-23, 24-31 | logOffset, spoolOffset, line, atMs: float64 |
 * | 32-35 | flags: 1 line start, 2 complete |
 * | 36-39 | CRC-32 of the log's bytes since the record before |
 * | 40-43 | the mark `TLJ1` |
 * | 44-47 | CRC-32 of bytes 0-43 |
 */
export const RECORD_SIZE = 48;

const MARK = 0x314a_4c54;
const LINE_START = 1;
const COMPLETE = 2;

/** One record. `line` is the line (from 0) that the byte at `logOffset` belongs to; `lineStart` whether it is the line's first. */
export interface JournalRecord {
  readonly logOffset: number;
  readonly spoolOffset: number;
  readonly line: number;
  readonly atMs: number;
  readonly lineStart: boolean;
  /** The log ends here and was finished. */
  readonly complete: boolean;
  /** CRC-32 of the log's bytes since the record before, or since its beginning. */
  readonly crc: number;
}

/** The records as they stand in the file. */
export function encodeRecords(records: readonly JournalRecord[]): Buffer {
  const bytes = Buffer.alloc(records.length * RECORD_SIZE);
  for (const [index, record] of records.entries()) encodeRecord(record, bytes.subarray(index * RECORD_SIZE, (index + 1) * RECORD_SIZE));
  return bytes;
}

function encodeRecord(record: JournalRecord, bytes: Buffer): void {
  bytes.writeDoubleLE(record.logOffset, 0);
  bytes.writeDoubleLE(record.spoolOffset, 8);
  bytes.writeDoubleLE(record.line, 16);
  bytes.writeDoubleLE(record.atMs, 24);
  bytes.writeUInt32LE((record.lineStart ? LINE_START : 0) | (record.complete ? COMPLETE : 0), 32);
  bytes.writeUInt32LE(record.crc, 36);
  bytes.writeUInt32LE(MARK, 40);
  bytes.writeUInt32LE(crc32(bytes.subarray(0, 44)), 44);
}

/** The records that a file holds, up to the first that is torn or damaged: a process may have been killed while writing it. */
export function decodeRecords(bytes: Buffer): JournalRecord[] {
  const records: JournalRecord[] = [];
  for (let start = 0; start + RECORD_SIZE <= bytes.length; start += RECORD_SIZE) {
    const record = decodeRecord(bytes.subarray(start, start + RECORD_SIZE));
    if (record === null || !follows(record, records.at(-1))) break;
    records.push(record);
  }
  return records;
}

function decodeRecord(bytes: Buffer): JournalRecord | null {
  if (bytes.readUInt32LE(40) !== MARK || bytes.readUInt32LE(44) !== crc32(bytes.subarray(0, 44))) return null;
  const flags = bytes.readUInt32LE(32);
  return {
    logOffset: bytes.readDoubleLE(0),
    spoolOffset: bytes.readDoubleLE(8),
    line: bytes.readDoubleLE(16),
    atMs: bytes.readDoubleLE(24),
    lineStart: (flags & LINE_START) !== 0,
    complete: (flags & COMPLETE) !== 0,
    crc: bytes.readUInt32LE(36),
  };
}

function follows(record: JournalRecord, before: JournalRecord | undefined): boolean {
  if (before === undefined) return true;
  return !before.complete && record.logOffset >= before.logOffset && record.spoolOffset >= before.spoolOffset && record.line >= before.line;
}
