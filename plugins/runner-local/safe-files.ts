import { closeSync, constants, fchmodSync, fchownSync, fstatSync, lchownSync, mkdirSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isPluginError, PluginError, type UploadFile } from '#plugins/api';
import { hasCode } from './processes.ts';

const { O_RDONLY, O_WRONLY, O_RDWR, O_CREAT, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_DIRECTORY } = constants;
/** Linux names an open folder by its descriptor: a path below it cannot be led elsewhere by a folder that is swapped meanwhile. */
const BY_DESCRIPTOR = process.platform === 'linux';

/** Whom new files and folders belong to; null: whoever this process is. */
export type Owner = { readonly uid: number; readonly gid: number } | null;

/**
 * Files below a folder that a job writes to at the same moment, and may fill with links and pipes to trap its host. No link is ever
 * followed, nothing but regular files is opened, nothing outside the folder is touched.
 */
export class SafeFolder {
  readonly #root: string;
  readonly #owner: Owner;

  constructor(root: string, owner: Owner) {
    this.#root = root;
    this.#owner = owner;
  }

  /** Opens a regular file for reading; the caller closes it. Codes: `not-found`, `invalid`. */
  open(path: string): number {
    const parts = splitPath(path);
    const name = parts.pop() ?? '';
    const parent = this.#descend(parts, false);
    try {
      return openRegular(below(parent, name), path);
    } finally {
      parent.close();
    }
  }

  /** Like `open`; null if there is no such file. */
  openIfThere(path: string): number | null {
    try {
      return this.open(path);
    } catch (error) {
      if (isPluginError(error, 'not-found')) return null;
      throw error;
    }
  }

  /** Makes a file where there is none, and opens it for reading and writing; the caller closes it. `invalid` if anything lies there, a link included. */
  create(path: string): number {
    const parts = splitPath(path);
    const name = parts.pop() ?? '';
    const parent = this.#descend(parts, false);
    try {
      const descriptor = openNew(below(parent, name), path);
      if (this.#owner !== null) fchownSync(descriptor, this.#owner.uid, this.#owner.gid);
      return descriptor;
    } finally {
      parent.close();
    }
  }

  /** The first kilobyte of a file as text; null if there is no such file. */
  readSmall(path: string): string | null {
    const descriptor = this.openIfThere(path);
    if (descriptor === null) return null;
    try {
      const buffer = Buffer.alloc(1024);
      return buffer.toString('latin1', 0, readSync(descriptor, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(descriptor);
    }
  }

  /** Removes a file; one that is not there is what was wanted. */
  remove(path: string): void {
    const parts = splitPath(path);
    const name = parts.pop() ?? '';
    const parent = this.#descend(parts, false);
    try {
      unlinkSync(below(parent, name));
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw refusal(path, error);
    } finally {
      parent.close();
    }
  }

  /** Writes files whole; see `Session.upload`. */
  async upload(files: readonly UploadFile[], signal: AbortSignal): Promise<void> {
    const folders = new Map<string, Folder>();
    try {
      for (const file of files) {
        signal.throwIfAborted();
        await this.#write(file, folders, signal);
      }
    } finally {
      for (const folder of folders.values()) folder.close();
    }
  }

  async #write(file: UploadFile, folders: Map<string, Folder>, signal: AbortSignal): Promise<void> {
    const parts = splitPath(file.path);
    const name = parts.pop() ?? '';
    const key = parts.join('/');
    const folder = folders.get(key) ?? this.#descend(parts, true);
    folders.set(key, folder);
    const target = createNew(below(folder, name), file);
    try {
      if (file.content instanceof Uint8Array) writeAll(target, file.content);
      else await copyFrom(file.content.file, target, signal);
      fchmodSync(target, file.mode);
      if (this.#owner !== null) fchownSync(target, this.#owner.uid, this.#owner.gid);
    } finally {
      closeSync(target);
    }
  }

  #descend(parts: readonly string[], make: boolean): Folder {
    let folder = openFolder(this.#root, this.#root);
    for (const part of parts) {
      const path = below(folder, part);
      const parent = folder;
      try {
        if (make) this.#make(path);
        folder = openFolder(path, parts.join('/'));
      } finally {
        parent.close();
      }
    }
    return folder;
  }

  #make(path: string): void {
    try {
      mkdirSync(path, 0o755);
    } catch (error) {
      if (hasCode(error, 'EEXIST')) return;
      throw refusal(path, error);
    }
    if (this.#owner !== null) lchownSync(path, this.#owner.uid, this.#owner.gid);
  }
}

/** An open folder; `path` leads to it whatever becomes of its name. */
interface Folder {
  readonly path: string;
  close(): void;
}

function below(folder: Folder, name: string): string {
  return join(folder.path, name);
}

function openFolder(path: string, shown: string): Folder {
  try {
    const descriptor = openSync(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW);
    return { path: BY_DESCRIPTOR ? `/proc/self/fd/${descriptor}` : path, close: () => closeSync(descriptor) };
  } catch (error) {
    throw refusal(shown, error);
  }
}

function openRegular(path: string, shown: string): number {
  let descriptor: number;
  try {
    descriptor = openSync(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
  } catch (error) {
    throw refusal(shown, error);
  }
  if (fstatSync(descriptor).isFile()) return descriptor;
  closeSync(descriptor);
  throw new PluginError('invalid', `${shown} is no regular file.`);
}

function openNew(path: string, shown: string): number {
  try {
    return openSync(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, 0o600);
  } catch (error) {
    throw refusal(shown, error);
  }
}

/** A new file under that name, instead of whatever has it: a job that puts its own there again and again gives up an upload, not a host. */
function createNew(path: string, file: UploadFile): number {
  for (let tries = 0; ; tries += 1) {
    try {
      return openSync(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, file.mode);
    } catch (error) {
      if (!hasCode(error, 'EEXIST') || tries === 3) throw refusal(file.path, error);
    }
    try {
      unlinkSync(path);
    } catch (error) {
      if (!hasCode(error, 'ENOENT')) throw refusal(file.path, error);
    }
  }
}

function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let written = 0; written < bytes.length;) written += writeSync(descriptor, bytes, written);
}

async function copyFrom(from: string, target: number, signal: AbortSignal): Promise<void> {
  const source = await open(from).catch((error: unknown) => {
    throw new PluginError('not-found', `The file to upload, ${from}, cannot be read.`, { cause: error });
  });
  try {
    for await (const chunk of source.createReadStream({ highWaterMark: 1_048_576, autoClose: false })) {
      signal.throwIfAborted();
      if (chunk instanceof Uint8Array) writeAll(target, chunk);
    }
  } finally {
    await source.close();
  }
}

function splitPath(path: string): string[] {
  const parts = path.split('/');
  if (!path.includes('\0') && parts.every((part) => part !== '' && part !== '.' && part !== '..')) return parts;
  throw new PluginError('invalid', `${JSON.stringify(path)} does not stay in the session's folder.`);
}

/** A system error as one of the seam's codes. */
function refusal(path: string, error: unknown): PluginError {
  if (hasCode(error, 'ENOENT')) return new PluginError('not-found', `There is no file ${path}.`, { cause: error });
  const why = error instanceof Error ? error.message : String(error);
  return new PluginError('invalid', `${path} cannot be used: ${why}`, { cause: error });
}
