import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { PluginError, type UploadFile } from '#plugins/api';

const BLOCK = 512;
const LARGEST = 8 ** 11 - 1;

/**
 * The files as a tar archive (ustar; names longer than 100 bytes in GNU's manner, which every tar in use reads). Codes: `invalid` (a path
 * that leaves the folder, a file larger than 8 GB, one that changes while it is read), `not-found` (a file of the server that is not there).
 */
export async function* tarOf(files: readonly UploadFile[], signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  let small: Uint8Array[] = [];
  let length = 0;
  for (const file of files) {
    for await (const piece of entryOf(file, signal)) {
      small.push(piece);
      length += piece.length;
      if (length < 65_536) continue;
      yield Buffer.concat(small);
      [small, length] = [[], 0];
    }
  }
  yield Buffer.concat([...small, Buffer.alloc(2 * BLOCK)]);
}

async function* entryOf(file: UploadFile, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  const name = Buffer.from(checkedPath(file.path));
  const local = file.content instanceof Uint8Array ? null : file.content.file;
  const size = file.content instanceof Uint8Array ? file.content.length : await sizeOf(file.content.file);
  if (size > LARGEST) throw new PluginError('invalid', `${file.path} is larger than 8 GB and cannot be uploaded.`);
  if (name.length > 100) {
    yield header(Buffer.from('././@LongLink'), name.length + 1, 0o600, 'L');
    yield padded(Buffer.concat([name, Buffer.alloc(1)]));
  }
  yield header(name.subarray(0, 100), size, file.mode, '0');
  if (file.content instanceof Uint8Array) yield padded(file.content);
  else yield* contentOf(local ?? '', size, signal);
}

/** `path` if it is one that an upload, a download or a follow may name: relative, no `..`, no empty part. Throws `invalid` otherwise. */
export function checkedPath(path: string): string {
  const parts = path.split('/');
  const bad = parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\0');
  if (bad) throw new PluginError('invalid', `${JSON.stringify(path)} is no path inside the machine's folder: relative, without "." and "..".`);
  return path;
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw new PluginError('not-found', `${file}, which is to be uploaded, cannot be read.`, { cause: error });
  }
}

async function* contentOf(file: string, size: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
  let read = 0;
  if (size > 0) {
    for await (const chunk of createReadStream(file, { end: size - 1, highWaterMark: 262_144, signal })) {
      if (!(chunk instanceof Uint8Array)) throw new TypeError('A byte stream gave something else than bytes.');
      read += chunk.length;
      yield chunk;
    }
  }
  if (read !== size) throw new PluginError('invalid', `${file} got shorter while it was uploaded.`);
  yield Buffer.alloc(padding(size));
}

function padded(content: Uint8Array): Uint8Array {
  return Buffer.concat([content, Buffer.alloc(padding(content.length))]);
}

function padding(size: number): number {
  return (BLOCK - (size % BLOCK)) % BLOCK;
}

/** POSIX.1-1988 ustar: fixed fields, numbers in octal, and the sum of all bytes with the sum's own field as spaces. */
function header(name: Buffer, size: number, mode: number, type: 'L' | '0'): Buffer {
  const block = Buffer.alloc(BLOCK);
  const octal = (value: number, offset: number, width: number): number => block.write(value.toString(8).padStart(width - 1, '0'), offset, 'latin1');
  name.copy(block, 0);
  octal(mode & 0o7777, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.fill(' ', 148, 156);
  block.write(type, 156, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  block.write('\0 ', 154, 'latin1');
  return block;
}
