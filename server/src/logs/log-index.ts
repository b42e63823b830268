import type { LogIndex } from '#server/api';
import type { JournalRecord } from './journal.ts';
import { countLines, LINE_FEED } from './lines.ts';
import { readRange } from './log-files.ts';
import { linesOf } from './log-layout.ts';
import type { LayoutEnd } from './log-layout.ts';

type Entry = LogIndex['entries'][number];

/** An index with more entries than this is thinned out where the entries are closer than `MAX_GAP`: nobody needs 5 a second of a day. */
const MANY_ENTRIES = 20_000;
/** Thinning leaves neighbours at most this far apart, if they were. Bytes. */
const MAX_GAP = 64 * 1024;

/** The index of an attempt's log as far as `end`. */
export function buildIndex(attempt: number, records: readonly JournalRecord[], end: LayoutEnd, complete: boolean): LogIndex {
  const entries = records
    .filter((record) => record.lineStart && !record.complete && record.logOffset < end.offset)
    .map((record): Entry => [record.line, record.logOffset, record.atMs]);
  return { attempt, size: end.offset, lines: linesOf(end), complete, entries: thin(entries) };
}

/** Halves the entries until there are not many, but opens no gap of more than `MAX_GAP`. */
function thin(entries: Entry[]): Entry[] {
  if (entries.length <= MANY_ENTRIES) return entries;
  let before = 0;
  const fewer = entries.filter(([, offset], index) => {
    const next = entries[index + 1];
    const kept = index % 2 === 0 || next === undefined || next[1] - before > MAX_GAP;
    if (kept) before = offset;
    return kept;
  });
  return fewer.length === entries.length ? entries : thin(fewer);
}

/** Where a log ends that nobody writes at the moment: counts on from its last record to its `size`. */
export async function endOf(path: string, records: readonly JournalRecord[], size: number): Promise<LayoutEnd> {
  const last = records.findLast((record) => record.logOffset <= size);
  let offset = last?.logOffset ?? 0;
  let line = last?.line ?? 0;
  let lineStart = last?.lineStart ?? true;
  for await (const bytes of readRange(path, offset, size)) {
    offset += bytes.length;
    line += countLines(bytes);
    lineStart = bytes.at(-1) === LINE_FEED;
  }
  return { offset, line, lineStart };
}
