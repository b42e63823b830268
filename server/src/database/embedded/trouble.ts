import { open } from 'node:fs/promises';
import { DatabaseError } from '../errors.ts';

const TAIL = 16 * 1024;

/** The size of a log in bytes: where what comes next begins. */
export async function endOf(log: string): Promise<number> {
  const file = await open(log, 'a+', 0o600);
  try {
    return (await file.stat()).size;
  } finally {
    await file.close();
  }
}

/** What was written to a log since an offset, at most the last 16 KB of it. */
export async function readFrom(log: string, offset: number): Promise<string> {
  const file = await open(log, 'r');
  try {
    const { size } = await file.stat();
    const start = Math.max(offset <= size ? offset : 0, size - TAIL);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(size - start), 0, size - start, start);
    return buffer.toString('utf8', 0, bytesRead);
  } finally {
    await file.close();
  }
}

/** Whether PostgreSQL gave up only because processes of a killed predecessor are not gone yet: it can be tried again at once. */
export function isTransient(output: string): boolean {
  return output.includes('pre-existing shared memory block') || output.includes('is the server still running');
}

/** Whether another postmaster took the folder between our look and our start. */
export function isTaken(output: string): boolean {
  return /lock file ".*" (already exists|is empty)/.test(output);
}

/** The sentence for what initdb or postgres wrote before it gave up. */
export function explain(output: string, folder: string): DatabaseError {
  const said = complaints(output);
  if (/No space left on device|Disk quota exceeded/.test(output)) {
    return new DatabaseError(
      'disk-full',
      `The disk of ${folder} is full: make room and start again; nothing that was saved is lost. PostgreSQL said: ${said}`,
    );
  }
  if (/effective user ID \d+/.test(output)) {
    return new DatabaseError(
      'unusable',
      `The user that runs Terrarium has no name on this system, which PostgreSQL needs: add it to /etc/passwd. It said: ${said}`,
    );
  }
  if (/[Pp]ermission denied/.test(output)) {
    return new DatabaseError('unusable', `PostgreSQL may not use its files in ${folder}: check their owner and mode. It said: ${said}`);
  }
  return new DatabaseError(
    'unusable',
    `PostgreSQL could not start with the files in ${folder}. If they are damaged: restore a backup, or move the folder away to begin with an empty database. It said: ${said}`,
  );
}

function complaints(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const chosen = lines.filter((line) => /FATAL|PANIC|ERROR|DETAIL|HINT|error:/.test(line));
  return (chosen.length > 0 ? chosen : lines).slice(-4).join(' | ') || 'nothing';
}
