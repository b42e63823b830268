import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { CoreError } from '../common/errors.ts';
import { encodeRecords, RECORD_SIZE } from './journal.ts';
import type { JournalRecord } from './journal.ts';
import { writeFully } from './log-files.ts';
import type { LogPaths } from './log-files.ts';
import { LogLayout, linesOf } from './log-layout.ts';
import type { LayoutEnd } from './log-layout.ts';
import { recover } from './log-recovery.ts';
import { Masker } from './masker.ts';
import type { Piece } from './masker.ts';
import { secretPatterns } from './patterns.ts';
import type { LogPosition, LogWriter, OpenLogOptions } from './types.ts';

/** How much may be written before it is made durable. Bytes. */
const SYNC_BYTES = 4 * 1024 * 1024;

const OPEN_FLAGS = constants.O_RDWR | constants.O_CREAT;

/** The open files of a log and what recovery left in them. */
interface OpenLog {
  readonly log: FileHandle;
  readonly journal: FileHandle;
  readonly records: JournalRecord[];
}

/** What waits to be written together. */
interface Batch {
  readonly bytes: Uint8Array[];
  readonly records: JournalRecord[];
  end: LayoutEnd;
}

/** The writer of a `LogStore`. What is appended while a write is under way is written together by the next one. */
export class FileLogWriter implements LogWriter {
  readonly attempt: number;
  readonly warnings: readonly string[];
  private readonly files: OpenLog;
  private readonly masker: Masker | null;
  private readonly layout: LogLayout;
  private readonly onClose: () => void;
  private taken: number;
  private stored: LayoutEnd;
  private unsynced = 0;
  private batch: Batch | null = null;
  private lastAtMs: number;
  /** Ends when all that was asked for is written; fails for ever once a write has failed. */
  private tail: Promise<void> = Promise.resolve();
  private finishing: Promise<void> | null = null;
  private closing: Promise<void> | null = null;

  private constructor(attempt: number, files: OpenLog, options: OpenLogOptions, onClose: () => void) {
    const { patterns, warnings } = secretPatterns(options.secrets);
    const last = files.records.at(-1) ?? null;
    this.attempt = attempt;
    this.files = files;
    this.onClose = onClose;
    this.warnings = warnings;
    this.taken = last?.spoolOffset ?? 0;
    this.lastAtMs = last?.atMs ?? 0;
    this.masker = patterns.length === 0 ? null : new Masker(patterns, this.taken);
    this.layout = new LogLayout(last);
    this.stored = this.layout.end();
    if (last?.complete === true) this.finishing = Promise.resolve();
  }

  /** Opens an attempt's log where it can go on. `onClose` is called once, when the files are closed. */
  static async open(attempt: number, paths: LogPaths, options: OpenLogOptions, onClose: () => void): Promise<FileLogWriter> {
    const opened: FileHandle[] = [];
    try {
      for (const path of [paths.log, paths.journal]) opened.push(await open(path, OPEN_FLAGS, 0o600));
      const [log, journal] = opened;
      if (log === undefined || journal === undefined) throw new CoreError('corrupt', `The log of attempt ${attempt} cannot be opened.`);
      const records = await recover(log, journal, options.spoolLimit ?? Number.POSITIVE_INFINITY);
      return new FileLogWriter(attempt, { log, journal, records }, options, onClose);
    } catch (error) {
      for (const file of opened) await file.close();
      throw error;
    }
  }

  get spoolOffset(): number {
    return this.taken;
  }

  get complete(): boolean {
    return this.records.at(-1)?.complete === true;
  }

  get lines(): number {
    return linesOf(this.stored);
  }

  /** The journal's records as far as they are stored. */
  get records(): readonly JournalRecord[] {
    return this.files.records;
  }

  position(): LogPosition {
    return { offset: this.stored.offset, line: this.stored.line };
  }

  /** How far the stored log goes, and whether a line starts there. */
  end(): LayoutEnd {
    return this.stored;
  }

  async append(chunk: Uint8Array, atMs: number): Promise<void> {
    if (this.closing !== null) throw new CoreError('conflict', `The log of attempt ${this.attempt} is closed: open it again to append.`);
    if (this.finishing !== null) throw new CoreError('conflict', `The log of attempt ${this.attempt} is finished: nothing can be appended.`);
    const pieces = this.masker?.push(chunk) ?? [{ start: this.taken, bytes: chunk, kept: true }];
    this.taken += chunk.length;
    this.lastAtMs = atMs;
    await this.store(pieces);
  }

  finish(): Promise<void> {
    if (this.finishing === null && this.closing !== null) {
      return Promise.reject(new CoreError('conflict', `The log of attempt ${this.attempt} is closed: open it again to finish it.`));
    }
    this.finishing ??= this.writeEnd();
    return this.finishing;
  }

  close(): Promise<void> {
    this.closing ??= this.closeFiles();
    return this.closing;
  }

  private async writeEnd(): Promise<void> {
    await this.store(this.masker?.end() ?? []);
    await this.sync();
    const record = this.layout.complete(this.taken, this.lastAtMs);
    await this.writeRecords([record]);
    await this.files.journal.datasync();
  }

  private async closeFiles(): Promise<void> {
    // Whoever asked for these has been told if they failed.
    await Promise.allSettled([this.tail, this.finishing]);
    try {
      await Promise.all([this.files.log.close(), this.files.journal.close()]);
    } finally {
      this.onClose();
    }
  }

  /** Puts pieces in line to be written; resolves when they are. */
  private store(pieces: readonly Piece[]): Promise<void> {
    if (this.batch === null) {
      this.batch = { bytes: [], records: [], end: this.stored };
      this.tail = this.tail.then(() => this.writeBatch());
    }
    for (const piece of pieces) {
      this.batch.records.push(...this.layout.add(piece, this.lastAtMs));
      this.batch.bytes.push(piece.bytes);
    }
    this.batch.end = this.layout.end();
    return this.tail;
  }

  /** Writes the log first, then the journal: a record never speaks of bytes that are not there. */
  private async writeBatch(): Promise<void> {
    const { batch } = this;
    this.batch = null;
    if (batch === null || batch.bytes.length === 0) return;
    const before = this.stored.offset;
    await writeFully(this.files.log, batch.bytes, before);
    this.stored = batch.end;
    this.unsynced += batch.end.offset - before;
    await this.writeRecords(batch.records);
    if (this.unsynced >= SYNC_BYTES) await this.sync();
  }

  private async writeRecords(records: readonly JournalRecord[]): Promise<void> {
    if (records.length === 0) return;
    await writeFully(this.files.journal, [encodeRecords(records)], this.files.records.length * RECORD_SIZE);
    this.files.records.push(...records);
  }

  private async sync(): Promise<void> {
    this.unsynced = 0;
    await this.files.log.datasync();
    await this.files.journal.datasync();
  }
}
