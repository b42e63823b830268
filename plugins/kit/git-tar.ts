import { open, type FileHandle } from 'node:fs/promises';
import { PluginError } from '#plugins/api';

const BLOCK = 512;
const WINDOW = 1024 * 1024;
const LARGEST_OCTAL = 0o77777777777;

/** What a tar archive says about a file. */
export interface TarFile {
  readonly size: number;
  /** Seconds since 1970. */
  readonly modified: number;
}

/** What is in a tar archive that git made. Names have one character per byte. */
export interface TarContent {
  readonly files: ReadonlyMap<string, TarFile>;
  /** Where the closing empty blocks begin: more entries can be written from here. */
  readonly end: number;
}

/** Lists an archive: ustar with the pax headers that git writes for long names, long link targets and large files. */
export async function scanTar(handle: FileHandle): Promise<TarContent> {
  const files = new Map<string, TarFile>();
  const read = windowed(handle);
  let extended = new Map<string, string>();
  for (let at = 0; ;) {
    const header = await read(at, BLOCK);
    if (header.length < BLOCK || header[0] === 0) return { files, end: at };
    const type = String.fromCharCode(header[156] ?? 0);
    const size = Number(extended.get('size') ?? octal(header, 124, 12));
    if (type === 'x') extended = paxRecords(await read(at + BLOCK, size));
    else {
      const link = extended.get('linkpath') ?? text(header, 157, 100);
      if (type === '0' || type === '2')
        files.set(nameOf(header, extended), { size: type === '2' ? link.length : size, modified: octal(header, 136, 12) });
      if (type !== 'g') extended = new Map();
    }
    at += BLOCK + (type === '2' || type === '5' ? 0 : padded(size));
  }
}

/** Writes entries into an archive. Everything belongs to root, as in what git writes; whoever unpacks becomes the owner. */
export class TarWriter {
  private readonly handle: FileHandle;
  private readonly modified: number;
  private at: number;

  /** Begins at byte `at` of the file. */
  constructor(handle: FileHandle, at: number, modified: number) {
    this.handle = handle;
    this.at = at;
    this.modified = modified;
  }

  async folder(name: string): Promise<void> {
    await this.append(headerOf(`${name}/`, '5', 0o755, 0, this.modified));
  }

  async file(name: string, content: Buffer): Promise<void> {
    await this.append(headerOf(name, '0', 0o644, content.length, this.modified));
    await this.append(content);
    await this.append(Buffer.alloc(padded(content.length) - content.length));
  }

  /** Copies a file on this disk into the archive. */
  async copy(name: string, from: string): Promise<void> {
    const source = await open(from, 'r');
    try {
      const { size } = await source.stat();
      await this.append(headerOf(name, '0', 0o444, size, this.modified));
      await this.raw(source, size);
      await this.append(Buffer.alloc(padded(size) - size));
    } finally {
      await source.close();
    }
  }

  /** Copies the first `size` bytes of a file as they are: entries of another archive. */
  async raw(source: FileHandle, size: number): Promise<void> {
    const buffer = Buffer.alloc(WINDOW);
    for (let done = 0; done < size;) {
      const { bytesRead } = await source.read(buffer, 0, Math.min(WINDOW, size - done), done);
      if (bytesRead === 0) throw new PluginError('unavailable', 'A temporary file of a checkout became shorter while it was read.');
      await this.append(buffer.subarray(0, bytesRead));
      done += bytesRead;
    }
  }

  /** Ends the archive. */
  async close(): Promise<void> {
    await this.append(Buffer.alloc(2 * BLOCK));
    await this.handle.truncate(this.at);
  }

  private async append(data: Buffer): Promise<void> {
    for (let done = 0; done < data.length;) {
      const { bytesWritten } = await this.handle.write(data, done, data.length - done, this.at);
      done += bytesWritten;
      this.at += bytesWritten;
    }
  }
}

/** Reads pieces in ascending order with few system calls. */
function windowed(handle: FileHandle): (at: number, length: number) => Promise<Buffer> {
  let start = 0;
  let window: Buffer = Buffer.alloc(0);
  return async (at, length) => {
    if (at < start || at + length > start + window.length) {
      const buffer = Buffer.alloc(Math.max(WINDOW, length));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      start = at;
      window = buffer.subarray(0, bytesRead);
    }
    return window.subarray(at - start, at - start + length);
  };
}

function nameOf(header: Buffer, extended: ReadonlyMap<string, string>): string {
  const prefix = text(header, 345, 155);
  return extended.get('path') ?? (prefix === '' ? '' : `${prefix}/`) + text(header, 0, 100);
}

function paxRecords(data: Buffer): Map<string, string> {
  const records = new Map<string, string>();
  for (let at = 0; at < data.length;) {
    const length = Number.parseInt(data.toString('latin1', at, at + 20), 10);
    if (!(length > 0)) throw new PluginError('unavailable', 'git wrote an archive that cannot be read.');
    const [key = '', ...value] = data
      .toString('latin1', at, at + length - 1)
      .replace(/^\d+ /, '')
      .split('=');
    records.set(key, value.join('='));
    at += length;
  }
  return records;
}

function headerOf(name: string, type: '0' | '5', mode: number, size: number, modified: number): Buffer {
  const header = Buffer.alloc(BLOCK);
  const [prefix, rest] = splitName(name);
  header.write(rest, 0, 100, 'latin1');
  header.write(octalText(mode, 7), 100, 'latin1');
  header.write(octalText(0, 7), 108, 'latin1');
  header.write(octalText(0, 7), 116, 'latin1');
  writeSize(header, size);
  header.write(octalText(modified, 11), 136, 'latin1');
  header.write(`        ${type}`, 148, 'latin1');
  header.write('ustar\u000000', 257, 'latin1');
  header.write('root', 265, 'latin1');
  header.write('root', 297, 'latin1');
  header.write(prefix, 345, 155, 'latin1');
  header.write(
    `${octalText(
      header.reduce((sum, byte) => sum + byte, 0),
      6,
    )}\u0000 `,
    148,
    'latin1',
  );
  return header;
}

/** Files of 8 GB and more have their size in binary, as every tar of today reads it. */
function writeSize(header: Buffer, size: number): void {
  if (size <= LARGEST_OCTAL) {
    header.write(octalText(size, 11), 124, 'latin1');
    return;
  }
  header[124] = 0x80;
  header.writeBigUInt64BE(BigInt(size), 128);
}

function splitName(name: string): [string, string] {
  if (name.length <= 100) return ['', name];
  const slash = name.indexOf('/', name.length - 101);
  if (slash < 0 || slash > 155) throw new PluginError('unsupported', 'A submodule lies in a folder whose path is too long for a tar archive.');
  return [name.slice(0, slash), name.slice(slash + 1)];
}

function octalText(value: number, digits: number): string {
  return value.toString(8).padStart(digits, '0');
}

function octal(header: Buffer, at: number, length: number): number {
  return Number.parseInt(text(header, at, length).trim() || '0', 8);
}

function text(header: Buffer, at: number, length: number): string {
  const end = header.indexOf(0, at);
  return header.toString('latin1', at, end < 0 || end > at + length ? at + length : end);
}

function padded(size: number): number {
  return Math.ceil(size / BLOCK) * BLOCK;
}
