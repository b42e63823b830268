import { mkdir, readFile, rm } from 'node:fs/promises';
import type { LogIndex, LogSearch } from '#server/api';
import { CoreError, isSystemError } from '../common/errors.ts';
import { decodeRecords } from './journal.ts';
import type { JournalRecord } from './journal.ts';
import { countLines } from './lines.ts';
import { logPaths, readRange, sizeOf } from './log-files.ts';
import { buildIndex, endOf } from './log-index.ts';
import { LineSearch } from './log-search.ts';
import { FileLogWriter } from './log-writer.ts';
import type { LogWriter, OpenLogOptions } from './types.ts';

/**
 * The logs of all attempts in one folder: for attempt 7 the file `7.log`, which holds exactly what is shown, and its journal `7.idx`.
 *
 * Anybody may read while a log is written, by this process or another; only one writer may be open for an attempt. An attempt without files has
 * an empty log: size 0, no lines, not complete. Every method throws `invalid` for an attempt that is no positive whole number.
 */
export class LogStore {
  private readonly folder: string;
  private readonly writers = new Map<number, FileLogWriter>();
  private readonly opening = new Set<number>();

  /** `folder` is made when the first log is opened. */
  constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Opens an attempt's log to write, a new one or one that was left at any point, even by a kill: it goes on from the last place that is surely
   * right. Read the spool from the writer's `spoolOffset`. Throws `conflict` while another writer of the attempt is open.
   */
  async open(attempt: number, options: OpenLogOptions): Promise<LogWriter> {
    const paths = logPaths(this.folder, attempt);
    if (this.isOpen(attempt)) throw new CoreError('conflict', `The log of attempt ${attempt} is being written already.`);
    this.opening.add(attempt);
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 });
      const writer = await FileLogWriter.open(attempt, paths, options, () => this.writers.delete(attempt));
      this.writers.set(attempt, writer);
      return writer;
    } finally {
      this.opening.delete(attempt);
    }
  }

  /** How many bytes can be read now. */
  async size(attempt: number): Promise<number> {
    const { log } = logPaths(this.folder, attempt);
    return this.writers.get(attempt)?.position().offset ?? sizeOf(log);
  }

  /**
   * The bytes `[start, end)`, as far as they are there now, in pieces of at most 1 MB. Never waits for more. Throws `invalid` unless
   * `0 <= start <= end`, in whole numbers.
   */
  async *read(attempt: number, start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
    if (!Number.isSafeInteger(start) || !Number.isSafeInteger(end) || start < 0 || end < start) {
      throw new CoreError('invalid', `There is no range of a log from byte ${start} to byte ${end}.`);
    }
    const size = await this.size(attempt);
    yield* readRange(logPaths(this.folder, attempt).log, start, Math.min(end, size));
  }

  /** Where lines are. Of a log that grows: as it is now. */
  async index(attempt: number): Promise<LogIndex> {
    const paths = logPaths(this.folder, attempt);
    const writer = this.writers.get(attempt);
    if (writer !== undefined) return buildIndex(attempt, writer.records, writer.end(), writer.complete);
    const records = await readRecords(paths.journal);
    const size = await sizeOf(paths.log);
    const complete = records.at(-1)?.complete === true && records.at(-1)?.logOffset === size;
    return buildIndex(attempt, records, await endOf(paths.log, records, size), complete);
  }

  /**
   * The lines that contain `text`, whatever the case of its letters, among those stored now. `complete` says whether the log was complete.
   * Throws `invalid` for a text that is empty or has a line feed, and the signal's reason once it is aborted.
   */
  async search(attempt: number, text: string, signal: AbortSignal): Promise<LogSearch> {
    const search = new LineSearch(text);
    const complete = await this.isComplete(attempt);
    for await (const bytes of this.read(attempt, 0, await this.size(attempt))) {
      signal.throwIfAborted();
      search.push(bytes);
    }
    const { total, lines } = search.end();
    return { total, lines: [...lines], complete };
  }

  /** The number (from 0) of the line that the byte at `offset` belongs to; an offset beyond the end counts as the end. */
  async lineAt(attempt: number, offset: number): Promise<number> {
    const paths = logPaths(this.folder, attempt);
    const records = this.writers.get(attempt)?.records ?? (await readRecords(paths.journal));
    const last = records.findLast((record) => record.logOffset <= offset);
    let line = last?.line ?? 0;
    for await (const bytes of this.read(attempt, last?.logOffset ?? 0, Math.max(offset, last?.logOffset ?? 0))) line += countLines(bytes);
    return line;
  }

  /** Deletes an attempt's log. Succeeds if there is none. Throws `conflict` while it is being written. */
  async remove(attempt: number): Promise<void> {
    const paths = logPaths(this.folder, attempt);
    if (this.isOpen(attempt)) throw new CoreError('conflict', `The log of attempt ${attempt} is being written: close it first.`);
    await rm(paths.log, { force: true });
    await rm(paths.journal, { force: true });
  }

  private isOpen(attempt: number): boolean {
    return this.writers.has(attempt) || this.opening.has(attempt);
  }

  private async isComplete(attempt: number): Promise<boolean> {
    const writer = this.writers.get(attempt);
    if (writer !== undefined) return writer.complete;
    return (await readRecords(logPaths(this.folder, attempt).journal)).at(-1)?.complete === true;
  }
}

async function readRecords(path: string): Promise<JournalRecord[]> {
  try {
    return decodeRecords(await readFile(path));
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return [];
    throw error;
  }
}
