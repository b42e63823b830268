import type { FileHandle } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { decodeRecords, RECORD_SIZE } from './journal.ts';
import type { JournalRecord } from './journal.ts';
import { readBytes } from './log-files.ts';

/** What is older than this is not read again: a writer makes everything durable far more often. Bytes. */
const CHECKED_BYTES = 16 * 1024 * 1024;

/**
 * Brings an attempt's files to a state from which writing can go on: finds the last record of the journal that the log bears out, and cuts both
 * files off there. Gives the records that are left.
 *
 * A record counts if the log has all the bytes before it and those since the record before have its checksum, so that a crash of the whole
 * computer, after which a file may have its length but not its content, is seen too. `spoolLimit`: no record from later in the spool.
 */
export async function recover(log: FileHandle, journal: FileHandle, spoolLimit: number): Promise<JournalRecord[]> {
  const size = (await log.stat()).size;
  const all = decodeRecords(await journal.readFile());
  const possible = all.filter((record) => record.logOffset <= size && record.spoolOffset <= spoolLimit);
  const records = possible.slice(0, await countSound(log, possible));
  await log.truncate(records.at(-1)?.logOffset ?? 0);
  await journal.truncate(records.length * RECORD_SIZE);
  return records;
}

/** How many of the records the log bears out. */
async function countSound(log: FileHandle, records: readonly JournalRecord[]): Promise<number> {
  const trusted = (records.at(-1)?.logOffset ?? 0) - CHECKED_BYTES;
  let from = 0;
  for (const [index, record] of records.entries()) {
    if (record.logOffset > trusted && (await checksum(log, from, record.logOffset)) !== record.crc) return index;
    from = record.logOffset;
  }
  return records.length;
}

async function checksum(log: FileHandle, start: number, end: number): Promise<number> {
  let crc = 0;
  for await (const bytes of readBytes(log, start, end)) crc = crc32(bytes, crc);
  return crc;
}
