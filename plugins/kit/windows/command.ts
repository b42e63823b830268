import { randomBytes } from 'node:crypto';
import { PluginError, isPluginError } from '#plugins/api';
import { nameOf } from '../ssh-connect.ts';
import type { SshConnection } from '../ssh-connection.ts';
import type { RemoteProcess } from '../ssh-process.ts';
import type { Hand } from './hand.ts';
import { sftpPath } from './paths.ts';
import type { SftpFiles } from './sftp.ts';

/** How long an aborted command may take to be killed before it is given up. Milliseconds. */
const KILL_DEADLINE_MS = 15_000;
/** How often output is looked for: soon at first, then less often while none comes. Milliseconds. */
const PAUSES = [10, 20, 50, 100];
const MAX_SAID = 4000;
const ENDINGS = ['line', 'out', 'exit', 'kill'] as const;

/** One command of a session. Its files are in the session's folder, `.terrarium/ID.line` and the like; they go with it. */
export class WindowsCommand {
  readonly #connection: SshConnection;
  readonly #files: SftpFiles;
  readonly #hand: Hand;
  readonly #words: string;
  readonly #base: string;
  #said = '';

  constructor(connection: SshConnection, files: SftpFiles, hand: Hand, place: { readonly folder: string; readonly machine: string | null }) {
    this.#connection = connection;
    this.#files = files;
    this.#hand = hand;
    const id = `x${randomBytes(8).toString('hex')}`;
    this.#words = `run ${wordOf(place.folder)} ${id} ${place.machine ?? 'none'}`;
    this.#base = `${sftpPath(place.folder)}/.terrarium/${id}`;
  }

  /** Runs the command line, hands all output on and gives the exit code, of 32 bits. An abort kills its tree and throws the signal's reason; so does an error of `take`. */
  async run(line: string, signal: AbortSignal, take: (chunk: Uint8Array) => void): Promise<number> {
    await this.#files.write(this.#path('line'), [Buffer.from(line, 'utf16le')]);
    await this.#files.write(this.#path('out'), []);
    try {
      return await this.#start(signal, take);
    } finally {
      await this.#forget();
    }
  }

  async #start(signal: AbortSignal, take: (chunk: Uint8Array) => void): Promise<number> {
    const process = await this.#connection.startLine(`${this.#hand.line} ${this.#words}`, signal);
    process.pushOutput((chunk) => {
      this.#said = (this.#said + chunk.toString()).slice(-MAX_SAID);
    });
    const stop = new AbortController();
    const kill = (): void => stop.abort(signal.reason);
    signal.addEventListener('abort', kill, { once: true });
    if (signal.aborted) kill();
    try {
      await this.#pump(process, stop, take);
    } catch (error) {
      if (!this.#connection.lost.aborted) stop.abort(error);
      else throw signal.aborted ? signal.reason : error;
    } finally {
      signal.removeEventListener('abort', kill);
    }
    if (stop.signal.aborted) await this.#kill(process);
    process.close();
    stop.signal.throwIfAborted();
    return await this.#exitCode();
  }

  /** Until the command has ended and all its output is read, or `stop` aborts. What it has left behind may write on: nobody reads that. */
  async #pump(process: RemoteProcess, stop: AbortController, take: (chunk: Uint8Array) => void): Promise<void> {
    const over = new AbortController();
    void process.exited.then(() => over.abort());
    const either = AbortSignal.any([over.signal, stop.signal]);
    const handle = await this.#files.open(this.#path('out'), 'r');
    let at = 0;
    for (let quiet = 0; !stop.signal.aborted; quiet += 1) {
      const isLast = over.signal.aborted;
      for await (const chunk of this.#files.read(handle, this.#path('out'), at)) {
        if (stop.signal.aborted) break;
        at += chunk.length;
        quiet = 0;
        take(chunk);
      }
      if (isLast) break;
      await waitFor(PAUSES[Math.min(quiet, PAUSES.length - 1)] ?? 0, either);
    }
    await this.#files.close(handle);
  }

  async #kill(process: RemoteProcess): Promise<void> {
    await this.#files.write(this.#path('kill'), []);
    await waitFor(KILL_DEADLINE_MS, abortWhen(process.exited));
  }

  async #exitCode(): Promise<number> {
    const text = await this.#files.readAll(this.#path('exit')).catch((error: unknown) => {
      if (isPluginError(error, 'not-found')) return null;
      throw error;
    });
    const [, code] = /^(\d{1,10})$/.exec(text?.toString() ?? '') ?? [];
    if (code !== undefined) return Number(code);
    this.#connection.lost.throwIfAborted();
    throw new PluginError('unavailable', `${nameOf(this.#connection.target)} did not run the command: ${failureIn(this.#said)}`);
  }

  /** A file that something left behind still has open may stay; it goes with the machine. */
  async #forget(): Promise<void> {
    if (this.#connection.lost.aborted) return;
    const results = await Promise.allSettled(ENDINGS.map((ending) => this.#files.remove(this.#path(ending))));
    for (const one of results) if (one.status === 'rejected' && !isPluginError(one.reason)) throw one.reason;
  }

  #path(ending: (typeof ENDINGS)[number]): string {
    return `${this.#base}.${ending}`;
  }
}

/** Text as one word of a command line: `x` and hex digits. */
export function wordOf(text: string): string {
  return `x${Buffer.from(text).toString('hex')}`;
}

/** What our program there says of its own failure, or whatever else was said. */
export function failureIn(said: string): string {
  const [, hex] = /^terrarium failed ([0-9a-f]+)/m.exec(said) ?? [];
  return hex === undefined ? said.trim() || 'its shell says nothing' : Buffer.from(hex, 'hex').toString();
}

function abortWhen(done: Promise<unknown>): AbortSignal {
  const controller = new AbortController();
  void done.then(() => controller.abort());
  return controller.signal;
}

/** Waits; shorter if the signal aborts. */
function waitFor(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, milliseconds);
    signal.addEventListener('abort', done, { once: true });
  });
}
