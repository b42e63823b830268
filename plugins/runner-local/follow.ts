import { closeSync, fstatSync, read as readFile, watch, type FSWatcher } from 'node:fs';
import { promisify } from 'node:util';
import { PluginError } from '#plugins/api';
import { hasCode } from './processes.ts';

/** The largest chunk. Bytes. */
const CHUNK = 262_144;
/** How often to look without having been woken. */
const POLL_MS = 1000;

/** A job's file can be as large as it likes: reading it must leave this process time for everything else. */
const read = promisify(readFile);

/** What `readGrowing` needs to know of the machine. */
export interface Watched {
  /** The path to watch; only for being woken. */
  readonly path: string;
  /** Throws if nothing more will come. */
  check(): void;
}

/** The bytes of an open growing file from `offset` on; closes it. Ends when `signal` aborts; see `Session.follow`. */
export async function* readGrowing(descriptor: number, offset: number, watched: Watched, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const bell = new Bell(watched.path, signal);
  try {
    for (let position = offset; !signal.aborted;) {
      const chunk = await readChunk(descriptor, position);
      position += chunk.length;
      if (chunk.length > 0) yield chunk;
      else if (bell.late()) watched.check();
      else await bell.wait();
    }
  } finally {
    bell.close();
    closeSync(descriptor);
  }
}

/** The bytes of an open file as it is now; closes it. */
export async function* readWhole(descriptor: number, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  try {
    const end = fstatSync(descriptor).size;
    for (let position = 0; position < end;) {
      signal.throwIfAborted();
      const chunk = await readChunk(descriptor, position);
      if (chunk.length === 0) return;
      position += chunk.length;
      yield chunk;
    }
  } finally {
    closeSync(descriptor);
  }
}

/** What there is from `position` on, at most 256 KB; empty if nothing. Throws `invalid` if the file ends before. */
export async function readChunk(descriptor: number, position: number): Promise<Uint8Array> {
  const { size } = fstatSync(descriptor);
  if (size < position) throw new PluginError('invalid', `The file got shorter (${size} bytes) than what was read of it (${position}).`);
  if (size === position) return new Uint8Array();
  const buffer = Buffer.allocUnsafe(Math.min(CHUNK, size - position));
  const { bytesRead } = await read(descriptor, buffer, 0, buffer.length, position);
  return buffer.subarray(0, bytesRead);
}

/**
 * Rings when a file or folder may have changed, when a signal aborts, and once a second, since a watch can be refused (too many) or
 * lead elsewhere (the job moved the file). A ring between two waits is not lost.
 */
export class Bell {
  readonly #watcher: FSWatcher | null;
  readonly #timer: NodeJS.Timeout;
  readonly #signal: AbortSignal;
  #rung = true;
  #late = false;
  #wake: (() => void) | null = null;

  constructor(path: string, signal: AbortSignal) {
    this.#signal = signal;
    this.#watcher = openWatch(path, this.ring);
    this.#timer = setInterval(this.#tick, POLL_MS);
    signal.addEventListener('abort', this.ring);
  }

  readonly ring = (): void => {
    this.#rung = true;
    this.#wake?.();
  };

  readonly #tick = (): void => {
    this.#late = true;
    this.ring();
  };

  /** Whether the slow ring has come since this was last asked: the time to look whether anything will come at all. */
  late(): boolean {
    const late = this.#late;
    this.#late = false;
    return late;
  }

  /** Resolves at the next ring, or at once if one came since the last wait. */
  async wait(): Promise<void> {
    if (!this.#rung) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#rung = false;
  }

  close(): void {
    this.#watcher?.close();
    clearInterval(this.#timer);
    this.#signal.removeEventListener('abort', this.ring);
  }
}

function openWatch(path: string, ring: () => void): FSWatcher | null {
  try {
    // An error of the watch itself (its folder went) is a reason to look, too.
    return watch(path, ring).on('error', ring);
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOSPC', 'EMFILE', 'EACCES', 'ELOOP', 'ENOTDIR')) return null;
    throw error;
  }
}
