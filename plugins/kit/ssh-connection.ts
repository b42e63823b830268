import type { Duplex } from 'node:stream';
import type { Client, ClientChannel, SFTPWrapper } from 'ssh2';
import { PluginError, type Terminal, isPluginError } from '#plugins/api';
import { type Connected, type SshTarget, connectClient, nameOf } from './ssh-connect.ts';
import { scriptLine } from './ssh-quote.ts';
import { RemoteProcess } from './ssh-process.ts';
import { Slots } from './ssh-slots.ts';
import type { Spares } from './ssh-spares.ts';

/** What a small script said and how it ended. */
export interface ScriptResult {
  readonly exitCode: number;
  readonly output: string;
  /** What it wrote to its standard error; the newest 64 KB. */
  readonly errors: string;
}

/** How often a channel is asked for before a refusal counts. */
const OPEN_ATTEMPTS = 20;

/** What ssh2 says where the other side refuses a terminal: it has no code for that. */
const NO_TERMINAL = 'Unable to request a pseudo-terminal';

/** The most a script run by `runScript` may print. Bytes. */
const MAX_SCRIPT_OUTPUT = 4_000_000;

/**
 * One connection to a POSIX machine, over which commands run in channels of their own.
 *
 * The host's key is checked against the pinned ones before anything is sent. A peer that falls silent is noticed in seconds. Once the
 * connection is lost or closed, everything that uses it ends with `unavailable`; nobody reconnects by itself.
 */
export class SshConnection {
  readonly target: SshTarget;
  readonly #client: Client;
  readonly #slots: Slots;
  readonly #lost = new AbortController();
  readonly #closed: Promise<void>;
  /** Processes that wait to be told what to run, each once. */
  #spare: RemoteProcess[] = [];
  #spares: Spares | null = null;

  private constructor(target: SshTarget, connected: Connected) {
    this.target = target;
    this.#client = connected.client;
    this.#slots = new Slots(target.maxChannels ?? 8);
    this.#client.on('error', (error) => {
      this.#lose(error.message, error);
      connected.socket.destroy();
    });
    // Where the socket is another connection's channel the other side may end it and wait for us to close it; ssh2 then asks for no sign of life any more.
    this.#client.on('end', () => {
      this.#lose('it was closed by the other side', undefined);
      connected.socket.destroy();
    });
    this.#closed = new Promise((resolve) => {
      this.#client.on('close', () => {
        this.#lose('it was closed by the other side', undefined);
        resolve();
      });
    });
    this.#lost.signal.addEventListener('abort', () => void this.#destroyLater(connected));
  }

  /** Connects. Codes: see `connectClient`. An aborted attempt leaves no socket. */
  static async open(target: SshTarget, signal: AbortSignal): Promise<SshConnection> {
    return new SshConnection(target, await connectClient(target, signal));
  }

  /** Aborts when the connection is lost or closed; the reason is a `PluginError` of code `unavailable`. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /**
   * Starts the constant `script` by the machine's `/bin/sh` with `parameters` as `$1`, `$2`, ...; its standard input stays open until
   * the process is ended. Waits while all channels are in use. `signal` ends that waiting only: once the machine was asked to start it, it
   * is handed out even if `signal` has aborted meanwhile, so that whoever asked can end it properly. With a `terminal` it runs on one of its own: then its
   * standard error comes with its output. `unsupported` where the machine gives no terminal.
   */
  async start(script: string, parameters: readonly string[], signal: AbortSignal, terminal: Terminal | null = null): Promise<RemoteProcess> {
    const order = terminal === null ? (this.#spares?.order(script, parameters) ?? null) : null;
    const ready = order === null ? null : this.#takeSpare();
    if (order !== null && ready !== null) {
      await ready.write(Buffer.from(order));
      return ready;
    }
    return await this.#startLine(scriptLine(script, parameters), terminal, signal);
  }

  /**
   * Has `count` processes wait: the next starts of a script that they know take such a one instead of a new process of the server's, which is several times
   * quicker where the machine is slow. Once used they are not replaced. If `signal` aborts or the connection is lost, those that have been started are used all the same.
   */
  async prepare(spares: Spares, count: number, signal: AbortSignal): Promise<void> {
    if (spares !== this.#spares) this.#dropSpares();
    this.#spares = spares;
    this.#spare = this.#spare.filter((spare) => !spare.isClosed);
    const missing = Math.max(0, count - this.#spare.length);
    const settled = await Promise.allSettled(Array.from({ length: missing }, () => this.#startLine(spares.line, null, signal)));
    this.#spare.push(...settled.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : [])));
    const failed = settled.find((one) => one.status === 'rejected');
    if (failed !== undefined) throw failed.reason;
  }

  #dropSpares(): void {
    for (const spare of this.#spare.splice(0)) spare.close();
  }

  #takeSpare(): RemoteProcess | null {
    if (this.lost.aborted) return null;
    for (let spare = this.#spare.pop(); spare !== undefined; spare = this.#spare.pop()) if (!spare.isClosed) return spare;
    return null;
  }

  async #startLine(line: string, terminal: Terminal | null, signal: AbortSignal): Promise<RemoteProcess> {
    const release = await this.#slots.take(AbortSignal.any([signal, this.lost]));
    try {
      return await this.#execPatiently(line, terminal, release);
    } catch (error) {
      release();
      throw error;
    }
  }

  /** Starts a command line that the other side's shell reads as it is, for machines that are not POSIX: it is made of constants and words without any sign in them. Otherwise as `start`. */
  async startLine(line: string, signal: AbortSignal): Promise<RemoteProcess> {
    return await this.#startLine(line, null, signal);
  }

  /** Opens an SFTP channel, which takes one of those that may be open at once. `unsupported` where the other side has none. */
  async openSftp(signal: AbortSignal): Promise<SFTPWrapper> {
    const release = await this.#slots.take(AbortSignal.any([signal, this.lost]));
    return await new Promise((resolve, reject) => {
      const refuse = (cause: unknown): void => {
        release();
        const text = cause instanceof Error ? cause.message : String(cause);
        const message = `${nameOf(this.target)} opens no SFTP channel: ${text}. Is the subsystem configured in its sshd_config?`;
        reject(this.lost.aborted ? this.lost.reason : new PluginError('unsupported', message, { cause }));
      };
      try {
        this.#client.sftp((error, sftp) => {
          if (error !== undefined) return refuse(error);
          sftp.once('close', release);
          resolve(sftp);
        });
      } catch (error) {
        refuse(error);
      }
    });
  }

  /** Runs a small script to its end and returns what it said. A failing script is a result. `rejected` if it prints more than 4 MB. */
  async runScript(script: string, parameters: readonly string[], signal: AbortSignal): Promise<ScriptResult> {
    const process = await this.start(script, parameters, signal);
    try {
      const chunks: Uint8Array[] = [];
      let length = 0;
      for await (const chunk of process.output(signal)) {
        chunks.push(chunk);
        length += chunk.length;
        if (length > MAX_SCRIPT_OUTPUT) throw new PluginError('rejected', `${nameOf(this.target)} answers with more than 4 MB.`);
      }
      signal.throwIfAborted();
      await process.ended;
      return { exitCode: process.exitCode(), output: Buffer.concat(chunks).toString(), errors: process.errors };
    } finally {
      process.close();
    }
  }

  /** A connection to a Unix socket of the machine; its server must allow stream-local forwarding, as OpenSSH does. `unavailable` if nobody listens. */
  openSocket(path: string): Promise<Duplex> {
    return this.#forward(path, (done) => this.#client.openssh_forwardOutStreamLocal(path, done));
  }

  /** A connection to a TCP port of the machine's loopback. `unavailable` if nobody listens. */
  openPort(port: number): Promise<Duplex> {
    return this.#forward(`port ${port}`, (done) => this.#client.forwardOut('127.0.0.1', 0, '127.0.0.1', port, done));
  }

  /** Closes it; all that runs over it ends with `unavailable`. May be called again. */
  async close(): Promise<void> {
    this.#client.end();
    this.#lose('it was closed here', undefined);
    await this.#closed;
  }

  /**
   * OpenSSH frees a closed channel's session only after it has looked at what else has arrived, so a full server may refuse what it takes a
   * moment later; each answer is a round trip, after which it has cleaned up.
   */
  async #execPatiently(line: string, terminal: Terminal | null, release: () => void): Promise<RemoteProcess> {
    for (let attempt = 1; attempt < OPEN_ATTEMPTS; attempt++) {
      try {
        return await this.#exec(line, terminal, release);
      } catch (error) {
        if (!isPluginError(error, 'exhausted')) throw error;
      }
    }
    return this.#exec(line, terminal, release);
  }

  #exec(line: string, terminal: Terminal | null, release: () => void): Promise<RemoteProcess> {
    return new Promise((resolve, reject) => {
      // The answer to a quick command may come whole in one packet, its end included: who listens a microtask later has missed it.
      const listen = (channel: ClientChannel): void => {
        channel.once('close', release);
        resolve(new RemoteProcess(channel, this.lost));
      };
      try {
        const options = terminal === null ? {} : { pty: { term: terminal.type, cols: terminal.columns, rows: terminal.rows } };
        this.#client.exec(line, options, (error, channel) => (error === undefined ? listen(channel) : reject(this.#refused(error))));
      } catch (error) {
        reject(this.#refused(error));
      }
    });
  }

  #forward(what: string, ask: (done: (error: Error | undefined, channel: ClientChannel) => void) => unknown): Promise<Duplex> {
    return new Promise((resolve, reject) => {
      const refuse = (cause: unknown): void => {
        const text = cause instanceof Error ? cause.message : String(cause);
        const message = `${nameOf(this.target)} does not connect to ${what}: ${text}.`;
        reject(this.lost.aborted ? this.lost.reason : new PluginError('unavailable', message, { cause }));
      };
      try {
        ask((error, channel) => (error === undefined ? resolve(channel) : refuse(error)));
      } catch (error) {
        refuse(error);
      }
    });
  }

  #refused(cause: unknown): unknown {
    if (this.lost.aborted) return this.lost.reason;
    const text = cause instanceof Error ? cause.message : String(cause);
    if (text === NO_TERMINAL) {
      return new PluginError('unsupported', `${nameOf(this.target)} gives no terminal (PermitTTY of its SSH server, perhaps).`, { cause });
    }
    const refused = cause instanceof Error && 'reason' in cause && cause.reason !== '';
    const hint = refused ? ' Its MaxSessions may be lower than what is used here.' : '';
    return new PluginError(refused ? 'exhausted' : 'unavailable', `${nameOf(this.target)} opens no channel for a command: ${text}.${hint}`, {
      cause,
    });
  }

  #lose(why: string, cause: unknown): void {
    if (this.lost.aborted) return;
    this.#lost.abort(new PluginError('unavailable', `The connection to ${nameOf(this.target)} is gone: ${why}.`, { cause }));
  }

  /** A peer that does not answer our goodbye within a second is left without one. */
  async #destroyLater(connected: Connected): Promise<void> {
    const timer = setTimeout(() => connected.socket.destroy(), 1_000);
    await this.#closed;
    clearTimeout(timer);
  }
}
