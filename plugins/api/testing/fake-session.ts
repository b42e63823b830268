import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { watch } from 'node:fs';
import { chmod, copyFile, mkdir, open, rm, writeFile, type FileHandle } from 'node:fs/promises';
import { constants } from 'node:fs';
import { constants as system } from 'node:os';
import { dirname, join } from 'node:path';
import { PluginError } from '../errors.ts';
import type { ExecResult, Session, UploadFile } from '../session.ts';
import { killGroup, type FakeMachine } from './fake-machine.ts';

const CHUNK = 262_144;

/** A way into a machine of `FakeRunner`. */
export class FakeSession implements Session {
  readonly system = 'posix';
  readonly #machine: FakeMachine;
  #disposed = false;

  constructor(machine: FakeMachine) {
    this.#machine = machine;
  }

  get folder(): string {
    return this.#machine.folder;
  }

  async exec(argv: readonly string[], options: { signal: AbortSignal; onOutput?: (chunk: Uint8Array) => void }): Promise<ExecResult> {
    this.#use(options.signal);
    // The constant script only joins the two streams; the arguments reach the program as they are.
    const child = spawn('sh', ['-c', 'exec "$@" 2>&1', 'sh', ...argv], { cwd: this.folder, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
    await once(child, 'spawn');
    const pid = child.pid ?? 0;
    this.#machine.pids.add(pid);
    child.stdout.on('data', (chunk: Uint8Array) => options.onOutput?.(chunk));
    const kill = (): void => killGroup(pid);
    options.signal.addEventListener('abort', kill);
    if (options.signal.aborted) kill();
    const [code, name]: [number | null, NodeJS.Signals | null] = await closed(child);
    options.signal.removeEventListener('abort', kill);
    options.signal.throwIfAborted();
    this.#use(options.signal);
    return { exitCode: code ?? 128 + (name === null ? 0 : system.signals[name]) };
  }

  async upload(files: readonly UploadFile[], signal: AbortSignal): Promise<void> {
    this.#use(signal);
    for (const file of files) {
      const path = join(this.folder, relative(file.path));
      await mkdir(dirname(path), { recursive: true });
      await rm(path, { force: true });
      if (file.content instanceof Uint8Array) await writeFile(path, file.content, { flag: 'wx' });
      else await copyFile(file.content.file, path, constants.COPYFILE_EXCL);
      await chmod(path, file.mode);
    }
  }

  async *follow(path: string, offset: number, signal: AbortSignal): AsyncIterable<Uint8Array> {
    this.#use(null);
    if (signal.aborted) return;
    const file = await this.#open(path);
    const changes = new Changes(join(this.folder, path), signal);
    try {
      for (let position = offset; !signal.aborted;) {
        const chunk = await readAt(file, position);
        position += chunk.length;
        if (chunk.length > 0) yield chunk;
        else await changes.next();
        this.#use(null);
      }
    } finally {
      changes.close();
      await file.close();
    }
  }

  async *download(path: string, signal: AbortSignal): AsyncIterable<Uint8Array> {
    this.#use(signal);
    const file = await this.#open(path);
    try {
      for (let position = 0; ;) {
        signal.throwIfAborted();
        const chunk = await readAt(file, position);
        if (chunk.length === 0) return;
        position += chunk.length;
        yield chunk;
      }
    } finally {
      await file.close();
    }
  }

  async dispose(): Promise<void> {
    this.#disposed = true;
  }

  #use(signal: AbortSignal | null): void {
    if (this.#disposed) throw new PluginError('unavailable', 'This session is disposed.');
    if (this.#machine.lost) throw new PluginError('unavailable', 'The machine is gone.');
    signal?.throwIfAborted();
  }

  async #open(path: string): Promise<FileHandle> {
    const file = await open(join(this.folder, relative(path)), constants.O_RDONLY | constants.O_NONBLOCK).catch((error: unknown) => {
      throw new PluginError('not-found', `There is no file ${path}.`, { cause: error });
    });
    if ((await file.stat()).isFile()) return file;
    await file.close();
    throw new PluginError('invalid', `${path} is no regular file.`);
  }
}

/** Wakes whenever a file may have changed. A change between two calls of `next` is not lost. */
class Changes {
  #changed = false;
  #wake: (() => void) | null = null;
  readonly #watcher;

  constructor(path: string, signal: AbortSignal) {
    this.#watcher = watch(path, () => this.#notify());
    signal.addEventListener('abort', () => this.#notify());
    // What came between opening the file and watching it.
    this.#notify();
  }

  async next(): Promise<void> {
    if (!this.#changed) await new Promise<void>((resolve) => (this.#wake = resolve));
    this.#changed = false;
  }

  close(): void {
    this.#watcher.close();
  }

  #notify(): void {
    this.#changed = true;
    this.#wake?.();
  }
}

async function readAt(file: FileHandle, position: number): Promise<Uint8Array> {
  if ((await file.stat()).size < position) throw new PluginError('invalid', 'The file got shorter than what was read.');
  const buffer = Buffer.allocUnsafe(CHUNK);
  const { bytesRead } = await file.read(buffer, 0, CHUNK, position);
  return buffer.subarray(0, bytesRead);
}

function closed(child: NodeJS.EventEmitter): Promise<[number | null, NodeJS.Signals | null]> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code: number | null, signal: NodeJS.Signals | null) => resolve([code, signal]));
  });
}

function relative(path: string): string {
  const bad = path.includes('\0') || path.split('/').some((part) => part === '' || part === '.' || part === '..');
  if (bad) throw new PluginError('invalid', `${JSON.stringify(path)} does not stay in the session's folder.`);
  return path;
}
