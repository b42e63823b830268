import { randomUUID } from 'node:crypto';
import { PluginError, type ExecResult, type Session, type Shell, type Terminal, type UploadFile } from '#plugins/api';
import { nameOf } from './ssh-connect.ts';
import type { SshConnection } from './ssh-connection.ts';
import type { RemoteProcess } from './ssh-process.ts';
import { DOWNLOAD_SCRIPT, EXEC_SCRIPT, FOLLOW_SCRIPT, LOOK_SCRIPT, OPEN_SCRIPT, SHELL_SCRIPT, UPLOAD_SCRIPT } from './ssh-scripts.ts';
import { SshShell } from './ssh-shell.ts';
import { HAS_PERL, perlSpares } from './ssh-spare-perl.ts';
import { shellSpares } from './ssh-spares.ts';
import { checkedPath, tarOf } from './ssh-tar.ts';

/** What a session needs to know of its machine. */
export interface SshSessionOptions {
  /** Absolute path of an existing folder on the machine that belongs to this use alone. */
  readonly folder: string;
  /** Everything run here carries it as `TERRARIUM_MACHINE` in its environment, so that all of it can be found and killed later. */
  readonly marker: string;
}

/** What a login shell must pass on unchanged; printed once when a session opens. */
const AWKWARD = ['$HOME `id`', '\\ "double" \'single\'', '!1 ~ * ; & |', 'é\t\u{1F40D}'];

/** Where there is no Perl. */
const SHELLS = shellSpares([EXEC_SCRIPT, UPLOAD_SCRIPT, FOLLOW_SCRIPT]);

/** How long output is waited for after a command's exit while something it left behind still holds its output open. Milliseconds. */
const QUIET_AFTER_EXIT_MS = 1_000;

/** How long an aborted command may take to be killed before its channel is given up. Milliseconds. */
const KILL_DEADLINE_MS = 10_000;

/**
 * A session on a POSIX machine over one connection, which it owns. Everything runs by exec of `/bin/sh` (no SFTP needed); what the machine
 * must have beyond POSIX is `tar`, `head -c`, and `setsid` or a `ps` that shows environments.
 *
 * A command that runs when the connection is lost goes on; an aborted one is killed with all its descendants, also those that left
 * its process group. A follow leaves nothing behind, however it ends.
 */
export class SshSession implements Session {
  readonly system = 'posix';
  readonly folder: string;
  readonly #connection: SshConnection;
  readonly #marker: string;

  private constructor(connection: SshConnection, options: SshSessionOptions) {
    this.#connection = connection;
    this.folder = options.folder;
    this.#marker = options.marker;
  }

  /**
   * Checks that the folder is there and that the account's login shell passes words on unchanged and prints nothing of its own.
   * Codes: `unavailable` (no such folder, connection lost), `unsupported` (such a shell). The connection is the caller's until it resolves.
   */
  static async open(connection: SshConnection, options: SshSessionOptions, signal: AbortSignal): Promise<SshSession> {
    const answer = await connection.runScript(OPEN_SCRIPT, [options.folder, ...AWKWARD], signal);
    if (answer.errors.includes('terrarium gone')) throw goneError(connection, options.folder);
    if (answer.output !== AWKWARD.map((word) => `${word}\n`).join('')) {
      const shown = JSON.stringify(answer.output.slice(0, 200));
      const message = `The login shell of ${nameOf(connection.target)} changes or adds output: ${shown}. It must be POSIX and its start files silent.`;
      throw new PluginError('unsupported', message);
    }
    return new SshSession(connection, options);
  }

  async exec(
    argv: readonly string[],
    options: { readonly signal: AbortSignal; readonly onOutput?: (chunk: Uint8Array) => void },
  ): Promise<ExecResult> {
    if (argv.length === 0) throw new PluginError('invalid', 'There is no command to run: argv is empty.');
    const { signal } = options;
    const process = await this.#connection.start(EXEC_SCRIPT, [this.folder, this.#marker, randomUUID(), ...argv], signal);
    const failures: unknown[] = [];
    const kill = (): void => void this.#kill(process);
    let last = Date.now();
    process.pushOutput((chunk) => {
      last = Date.now();
      if (signal.aborted || failures.length > 0) return;
      try {
        options.onOutput?.(chunk);
      } catch (error) {
        failures.push(error);
        kill();
      }
    });
    try {
      signal.addEventListener('abort', kill, { once: true });
      if (signal.aborted) kill();
      await outputComplete(process, () => last);
    } finally {
      signal.removeEventListener('abort', kill);
      process.close();
    }
    signal.throwIfAborted();
    if (failures.length > 0) throw failures[0];
    this.#throwReport(process, '');
    return { exitCode: process.exitCode() };
  }

  async upload(files: readonly UploadFile[], signal: AbortSignal): Promise<void> {
    for (const file of files) checkedPath(file.path);
    if (files.length === 0) return AbortSignal.any([signal, this.#connection.lost]).throwIfAborted();
    const process = await this.#connection.start(UPLOAD_SCRIPT, [this.folder], signal);
    process.pushOutput(() => {});
    const stop = (): void => process.close();
    signal.addEventListener('abort', stop, { once: true });
    try {
      for await (const bytes of tarOf(files, signal)) await process.write(bytes);
      process.end();
      await process.ended;
    } finally {
      signal.removeEventListener('abort', stop);
      process.close();
    }
    signal.throwIfAborted();
    this.#throwReport(process, '');
    if (process.exitCode() === 0) return;
    throw new PluginError('rejected', `${nameOf(this.#connection.target)} did not take the files: ${process.errors.trim().slice(0, 1000)}`);
  }

  async *follow(path: string, offset: number, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    checkedPath(path);
    if (!Number.isSafeInteger(offset) || offset < 0) throw new PluginError('invalid', `${offset} is no offset in a file.`);
    const process = await this.#startUnlessAborted(FOLLOW_SCRIPT, [this.folder, path, String(offset), String(offset + 1)], signal);
    if (process === null) return;
    try {
      yield* process.output(signal, true);
      if (signal.aborted) return;
      this.#throwReport(process, path);
      await process.ended;
      process.exitCode();
      throw new PluginError('unavailable', `Following ${path} ended on the machine: ${process.errors.trim().slice(0, 1000) || 'without a reason'}.`);
    } finally {
      process.close();
    }
  }

  async *download(path: string, signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const process = await this.#connection.start(DOWNLOAD_SCRIPT, [this.folder, checkedPath(path)], signal);
    let read = 0;
    try {
      for await (const chunk of process.output(signal)) {
        read += chunk.length;
        yield chunk;
      }
      signal.throwIfAborted();
      await process.ended;
      process.exitCode();
      this.#throwReport(process, path);
      if (process.report?.detail !== String(read)) throw new PluginError('invalid', `${path} got shorter while it was read, after ${read} bytes.`);
    } finally {
      process.close();
    }
  }

  /** The account's login shell, in the session's folder. `invalid` for a terminal that makes no sense, `unsupported` where the machine gives none. */
  async shell(terminal: Terminal, signal: AbortSignal): Promise<Shell> {
    checkTerminal(terminal);
    const look = await this.#connection.runScript(LOOK_SCRIPT, [this.folder], signal);
    if (look.errors.includes('terrarium gone')) throw goneError(this.#connection, this.folder);
    const process = await this.#connection.start(SHELL_SCRIPT, [this.folder, this.#marker], signal, terminal);
    if (!signal.aborted) return new SshShell(process, this.#connection.lost);
    process.close();
    throw signal.reason;
  }

  /** Makes the next `count` calls quick: see `SshConnection.prepare`. Quicker still where the machine has Perl. */
  async prepare(count: number, signal: AbortSignal): Promise<void> {
    const { exitCode } = await this.#connection.runScript(HAS_PERL, [], signal);
    const spares = exitCode === 0 ? perlSpares : SHELLS;
    await this.#connection.prepare(spares, count, signal);
  }

  /** Whether its connection is gone, so that it is of no use any more. */
  get lost(): boolean {
    return this.#connection.lost.aborted;
  }

  async dispose(): Promise<void> {
    await this.#connection.close();
  }

  /** A follow whose signal aborts ends; it does not throw. */
  async #startUnlessAborted(script: string, parameters: readonly string[], signal: AbortSignal): Promise<RemoteProcess | null> {
    try {
      return await this.#connection.start(script, parameters, signal);
    } catch (error) {
      if (signal.aborted) return null;
      throw error;
    }
  }

  /** Any line on the script's standard input makes it kill the command's whole tree; it ends when that is done. */
  async #kill(process: RemoteProcess): Promise<void> {
    const deadline = setTimeout(() => process.close(), KILL_DEADLINE_MS);
    await process.write(Buffer.from('kill\n'));
    await process.ended;
    clearTimeout(deadline);
  }

  #throwReport(process: RemoteProcess, path: string): void {
    const word = process.report?.word;
    if (word === undefined || word === 'size') return;
    if (word === 'gone') throw goneError(this.#connection, this.folder);
    if (word === 'missing' || word === 'vanished')
      throw new PluginError('not-found', `${path} is not there${word === 'vanished' ? ' any more' : ''}.`);
    if (word === 'irregular') throw new PluginError('invalid', `${path} is no regular file.`);
    if (word === 'shorter') throw new PluginError('invalid', `${path} is shorter than what was read of it.`);
    if (word === 'no-tar') throw new PluginError('unsupported', `${nameOf(this.#connection.target)} has no tar, which uploads need.`);
    throw new PluginError('unavailable', `${nameOf(this.#connection.target)} reports: ${word}.`);
  }
}

/** A terminal's type is a name of the terminal database, and goes no other way than as such. */
function checkTerminal({ type, columns, rows }: Terminal): void {
  if (!/^[A-Za-z0-9][A-Za-z0-9+._-]{0,63}$/.test(type)) throw new PluginError('invalid', `${JSON.stringify(type)} is no type of a terminal.`);
  const sensible = (size: number): boolean => Number.isSafeInteger(size) && size > 0 && size < 65_536;
  if (!sensible(columns) || !sensible(rows)) throw new PluginError('invalid', `A terminal cannot have ${columns} columns and ${rows} rows.`);
}

function goneError(connection: SshConnection, folder: string): PluginError {
  return new PluginError('unavailable', `The machine on ${nameOf(connection.target)} is gone: there is no folder ${folder}.`);
}

/**
 * Resolves when all output is there. A server keeps a channel open as long as anything holds the output open, be it a process the command
 * left behind on purpose: after the exit it is therefore enough that nothing has come for a while.
 */
async function outputComplete(process: RemoteProcess, lastOutput: () => number): Promise<void> {
  await process.exited;
  const exit = Date.now();
  for (;;) {
    const quiet = Date.now() - Math.max(exit, lastOutput());
    if (quiet >= QUIET_AFTER_EXIT_MS) return;
    const timer = new AbortController();
    const closed = process.ended.then(() => true);
    const waited = new Promise<false>((resolve) => {
      const handle = setTimeout(() => resolve(false), QUIET_AFTER_EXIT_MS - quiet);
      timer.signal.addEventListener('abort', () => clearTimeout(handle));
    });
    const over = await Promise.race([closed, waited]);
    timer.abort();
    if (over) return;
  }
}
