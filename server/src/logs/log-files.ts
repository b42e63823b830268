import { open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError, isSystemError } from '../common/errors.ts';

/** How much is read at a time. Bytes. */
const READ_SIZE = 1024 * 1024;

/** The two files of an attempt's log. */
export interface LogPaths {
  readonly log: string;
  readonly journal: string;
}

/** Where an attempt's log is. Throws `invalid` for anything but a positive whole number. */
export function logPaths(folder: string, attempt: number): LogPaths {
  if (!Number.isSafeInteger(attempt) || attempt < 1) throw new CoreError('invalid', `An attempt's id is a positive whole number, not ${attempt}.`);
  return { log: join(folder, `${attempt}.log`), journal: join(folder, `${attempt}.idx`) };
}

/** A file's size in bytes; 0 where there is none. */
export async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return 0;
    throw error;
  }
}

/** The bytes `[start, end)` of an open file in pieces of at most 1 MB, each in memory of its own. Throws `corrupt` if the file ends before. */
export async function* readBytes(file: FileHandle, start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
  for (let at = start; at < end;) {
    const buffer = Buffer.allocUnsafe(Math.min(READ_SIZE, end - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw new CoreError('corrupt', `The log's file ends at byte ${at}, before byte ${end}: it got shorter while it was read.`);
    yield buffer.subarray(0, bytesRead);
    at += bytesRead;
  }
}

/** The same of a file by its path. Opens it at the first piece and closes it however the reading ends. Nothing to read needs no file. */
export async function* readRange(path: string, start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
  if (start >= end) return;
  const file = await open(path, 'r');
  try {
    yield* readBytes(file, start, end);
  } finally {
    await file.close();
  }
}

/** Writes all of `parts`, one after the other, from `position` on. */
export async function writeFully(file: FileHandle, parts: readonly Uint8Array[], position: number): Promise<void> {
  let left = [...parts];
  let at = position;
  while (left.length > 0) {
    const { bytesWritten } = await file.writev(left, at);
    at += bytesWritten;
    left = without(left, bytesWritten);
  }
}

/** What is left of `parts` without the first `count` bytes. */
function without(parts: readonly Uint8Array[], count: number): Uint8Array[] {
  const left: Uint8Array[] = [];
  let skip = count;
  for (const part of parts) {
    if (skip < part.length) left.push(part.subarray(skip));
    skip = Math.max(0, skip - part.length);
  }
  return left;
}
