import { createReadStream } from 'node:fs';
import type { Duplex } from 'node:stream';
import { PluginError, isPluginError } from '#plugins/api';
import { type ScriptResult, SshConnection } from '../ssh-connection.ts';
import type { SshTarget } from '../ssh-connect.ts';
import type { Host } from './host.ts';

/** Scripts run with the same bare environment as on this computer. */
const BARE = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C; export PATH LC_ALL\n';
const PUT_SCRIPT = `${BARE}umask 077; cat >"$1.partial" && mv -- "$1.partial" "$1" || { rm -f -- "$1.partial"; exit 1; }`;
/** A host that does not answer in this time is not reached. Milliseconds. */
const CONNECT_MS = 10_000;

/** A host over SSH, on one connection that is opened when it is needed, and again after it was lost. */
export class SshHost implements Host {
  readonly name: string;
  readonly #target: () => Promise<SshTarget>;
  #connection: Promise<SshConnection> | null = null;

  /** `target` is asked at each connecting: a new key file needs no restart. */
  constructor(name: string, target: () => Promise<SshTarget>) {
    this.name = name;
    this.#target = target;
  }

  async run(script: string, parameters: readonly string[], signal: AbortSignal): Promise<ScriptResult> {
    const connection = await this.#open(signal);
    return await connection.runScript(BARE + script, parameters, signal);
  }

  async connect(path: string, signal: AbortSignal): Promise<Duplex> {
    return await unlessAborted(await this.#open(signal), (connection) => connection.openSocket(path), signal);
  }

  async connectPort(port: number, signal: AbortSignal): Promise<Duplex> {
    return await unlessAborted(await this.#open(signal), (connection) => connection.openPort(port), signal);
  }

  async putFile(from: string, to: string, signal: AbortSignal): Promise<void> {
    const connection = await this.#open(signal);
    const process = await connection.start(PUT_SCRIPT, [to], signal);
    process.pushOutput(() => undefined);
    try {
      for await (const chunk of createReadStream(from, { highWaterMark: 262_144, signal })) {
        if (!(chunk instanceof Uint8Array)) throw new TypeError('A byte stream gave something else than bytes.');
        await process.write(chunk);
      }
      process.end();
      await process.ended;
    } finally {
      process.close();
    }
    if (process.exitCode() === 0) return;
    throw new PluginError('rejected', `${this.name} did not take the file ${to}: ${process.errors.trim().slice(0, 1000)}`);
  }

  async close(): Promise<void> {
    const opening = this.#connection;
    this.#connection = null;
    const connection = await opening?.catch(() => null);
    await connection?.close();
  }

  /** Everybody shares one attempt to connect; who aborts only stops waiting for it. */
  async #open(signal: AbortSignal): Promise<SshConnection> {
    signal.throwIfAborted();
    const opening = this.#connection ?? this.#begin();
    const aborted = abortion(signal);
    try {
      const connection = await Promise.race([opening, aborted.rejected]);
      if (!connection.lost.aborted) return connection;
    } catch (error) {
      if (!isPluginError(error)) throw error;
      if (this.#connection === opening) this.#connection = null;
      throw error;
    } finally {
      aborted.clear();
    }
    if (this.#connection === opening) this.#connection = null;
    return await this.#open(signal);
  }

  #begin(): Promise<SshConnection> {
    const opening = this.#target().then((target) => SshConnection.open({ connectTimeoutMs: CONNECT_MS, ...target }, new AbortController().signal));
    // Whoever waits for it hears of the failure; nobody may be waiting any more.
    opening.catch(() => undefined);
    this.#connection = opening;
    return opening;
  }
}

function abortion(signal: AbortSignal): { rejected: Promise<never>; clear: () => void } {
  let abort: () => void = () => undefined;
  const rejected = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
  });
  rejected.catch(() => undefined);
  return { rejected, clear: () => signal.removeEventListener('abort', abort) };
}

async function unlessAborted(connection: SshConnection, open: (connection: SshConnection) => Promise<Duplex>, signal: AbortSignal): Promise<Duplex> {
  const stream = await open(connection);
  if (!signal.aborted) return stream;
  stream.destroy();
  throw signal.reason;
}
