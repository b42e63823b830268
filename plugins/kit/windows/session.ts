import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { PluginError, type ExecResult, type Session, type UploadFile } from '#plugins/api';
import { nameOf } from '../ssh-connect.ts';
import type { SshConnection } from '../ssh-connection.ts';
import { commandLine } from './command-line.ts';
import { WindowsCommand } from './command.ts';
import { type WindowsFacts, probeWindows } from './facts.ts';
import type { Hand } from './hand.ts';
import { checkedFolder, checkedWindowsPath, sftpPath } from './paths.ts';
import { SftpFiles, type Handle } from './sftp.ts';

/** What a session needs to know of its machine. */
export interface WindowsSessionOptions {
  /** Absolute path of an existing folder that belongs to this use alone; see `checkedFolder`. */
  readonly folder: string;
  /** A name of letters and digits that everything run here is found by later; null where the machine is thrown away as a whole. */
  readonly machine: string | null;
  /** Makes our program ready, at the first session of a machine. */
  readonly hand: (files: SftpFiles) => Promise<Hand>;
}

/** How often a file that does not grow is looked at: soon at first, then every quarter of a second. Milliseconds. */
const PAUSES = [20, 50, 100, 250];
/** How often it is made sure that a file that does not grow is still the one. Milliseconds. */
const CHECK_MS = 1_000;
const UPLOADS = 6;

/**
 * A session on a Windows machine with OpenSSH, over one connection, which it owns. Files go by SFTP. Commands are started by our own program there (README.md): argv, output and exit
 * code travel as files, so that neither the server's default shell nor a code page touches any of them.
 *
 * A command that runs when the connection is lost goes on; so does what it leaves behind. File modes mean nothing here. There are no shells for people.
 */
export class WindowsSession implements Session {
  readonly system = 'windows';
  readonly folder: string;
  readonly #connection: SshConnection;
  readonly #files: SftpFiles;
  readonly #hand: Hand;
  readonly #machine: string | null;

  private constructor(connection: SshConnection, files: SftpFiles, hand: Hand, { folder, machine }: WindowsSessionOptions) {
    this.#connection = connection;
    this.#files = files;
    this.#hand = hand;
    this.#machine = machine;
    this.folder = folder;
  }

  /** Codes: `unavailable` (no such folder, connection lost), `unsupported` (no SFTP, no compiler). The connection is the caller's until it resolves. */
  static async open(connection: SshConnection, options: WindowsSessionOptions, signal: AbortSignal): Promise<WindowsSession> {
    const folder = checkedFolder(options.folder);
    const files = new SftpFiles(await connection.openSftp(signal), connection.lost);
    if ((await files.look(sftpPath(folder)))?.kind !== 'folder') {
      throw new PluginError('unavailable', `The machine on ${nameOf(connection.target)} is gone: there is no folder ${folder}.`);
    }
    await files.makeFolder(sftpPath(`${folder}\\.terrarium`));
    const hand = await options.hand(files);
    signal.throwIfAborted();
    return new WindowsSession(connection, files, hand, options);
  }

  async exec(
    argv: readonly string[],
    options: { readonly signal: AbortSignal; readonly onOutput?: (chunk: Uint8Array) => void },
  ): Promise<ExecResult> {
    const line = commandLine(argv);
    options.signal.throwIfAborted();
    this.#connection.lost.throwIfAborted();
    const command = new WindowsCommand(this.#connection, this.#files, this.#hand, { folder: this.folder, machine: this.#machine });
    return { exitCode: await command.run(line, options.signal, options.onOutput ?? (() => {})) };
  }

  async upload(files: readonly UploadFile[], signal: AbortSignal): Promise<void> {
    for (const { path } of files) checkedWindowsPath(path);
    AbortSignal.any([signal, this.#connection.lost]).throwIfAborted();
    for (const folder of foldersOf(files)) await this.#files.makeFolder(this.#remote(folder));
    const waiting = [...files];
    const worker = async (): Promise<void> => {
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) {
        signal.throwIfAborted();
        await this.#files.write(this.#remote(file.path), await contentOf(file, signal));
      }
    };
    await Promise.all(Array.from({ length: UPLOADS }, worker));
    signal.throwIfAborted();
  }

  async *follow(path: string, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const remote = this.#remote(checkedWindowsPath(path));
    if (!Number.isSafeInteger(offset) || offset < 0) throw new PluginError('invalid', `${offset} is no offset in a file.`);
    if (signal.aborted) return;
    const handle = await this.#openFile(path, remote);
    try {
      await this.#check(handle, path, remote, offset);
      let at = offset;
      let checked = Date.now();
      const either = AbortSignal.any([signal, this.#connection.lost]);
      for (let quiet = 0; !signal.aborted; quiet += 1) {
        for await (const chunk of this.#files.read(handle, remote, at)) {
          at += chunk.length;
          quiet = 0;
          yield chunk;
          if (signal.aborted) return;
        }
        if (Date.now() - checked >= CHECK_MS) {
          await this.#check(handle, path, remote, at);
          checked = Date.now();
        }
        await pause(PAUSES[Math.min(quiet, PAUSES.length - 1)] ?? 0, either);
      }
    } finally {
      await this.#letGo(handle);
    }
  }

  async *download(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const remote = this.#remote(checkedWindowsPath(path));
    signal.throwIfAborted();
    const handle = await this.#openFile(path, remote);
    try {
      const size = await this.#files.sizeOf(handle, remote);
      let left = size;
      for await (const chunk of this.#files.read(handle, remote, 0)) {
        signal.throwIfAborted();
        yield chunk.subarray(0, left);
        left -= Math.min(left, chunk.length);
        if (left === 0) return;
      }
      if (left > 0) throw new PluginError('invalid', `${path} got shorter while it was read, after ${size - left} bytes.`);
    } finally {
      await this.#letGo(handle);
    }
  }

  /** What the machine is and has. `rejected` if it does not say. */
  async facts(signal: AbortSignal): Promise<WindowsFacts> {
    return await probeWindows(this.#connection, this.#hand, signal);
  }

  /** Whether its connection is gone, so that it is of no use any more. */
  get lost(): boolean {
    return this.#connection.lost.aborted;
  }

  async dispose(): Promise<void> {
    await this.#connection.close();
  }

  #remote(path: string): string {
    return `${sftpPath(this.folder)}/${path}`;
  }

  async #openFile(path: string, remote: string): Promise<Handle> {
    const kind = (await this.#files.look(remote))?.kind;
    if (kind === undefined) throw new PluginError('not-found', `${path} is not there.`);
    if (kind !== 'file') throw new PluginError('invalid', `${path} is no regular file.`);
    return await this.#files.open(remote, 'r');
  }

  /** That the file is still there and has what was read of it. */
  async #check(handle: Handle, path: string, remote: string, read: number): Promise<void> {
    if ((await this.#files.look(remote))?.kind !== 'file') throw new PluginError('not-found', `${path} is not there any more.`);
    if ((await this.#files.sizeOf(handle, remote)) < read) throw new PluginError('invalid', `${path} is shorter than what was read of it.`);
  }

  /** A connection that is lost has let go of all its files. */
  async #letGo(handle: Handle): Promise<void> {
    if (!this.#connection.lost.aborted) await this.#files.close(handle);
  }
}

/** Waits; shorter if the signal aborts. */
async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await sleep(milliseconds, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
}

/** All folders that the files are in, each after the one that it is in. */
function foldersOf(files: readonly UploadFile[]): string[] {
  const folders = new Set<string>();
  for (const { path } of files) {
    const parts = path.split('/').slice(0, -1);
    for (let count = 1; count <= parts.length; count++) folders.add(parts.slice(0, count).join('/'));
  }
  return [...folders];
}

/** `not-found` for a file of the server that is not there. */
async function contentOf({ content }: UploadFile, signal: AbortSignal): Promise<Iterable<Uint8Array> | AsyncIterable<Uint8Array>> {
  if (content instanceof Uint8Array) return [content];
  try {
    await stat(content.file);
  } catch (error) {
    throw new PluginError('not-found', `${content.file}, which is to be uploaded, cannot be read.`, { cause: error });
  }
  return createReadStream(content.file, { highWaterMark: 262_144, signal }) as AsyncIterable<Buffer>;
}
