import type { Shell } from '#plugins/api';
import type { RemoteProcess } from './ssh-process.ts';

/** The exit code of a shell that was cut off. */
const CUT_OFF = 255;

/** A login shell on a terminal of a machine, over a channel of its own. */
export class SshShell implements Shell {
  readonly output: AsyncIterable<Uint8Array>;
  readonly ended: Promise<number>;
  readonly #process: RemoteProcess;
  /** Aborts when nothing more can be learnt of the shell: it was closed here, or its connection is gone. */
  readonly #over: AbortSignal;
  readonly #closing = new AbortController();

  /** `lost` aborts when the connection is gone. */
  constructor(process: RemoteProcess, lost: AbortSignal) {
    this.#process = process;
    this.#over = AbortSignal.any([lost, this.#closing.signal]);
    this.output = this.#read();
    this.ended = this.#end();
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#over.aborted) return;
    await Promise.race([this.#process.write(bytes), this.ended]);
  }

  resize(columns: number, rows: number): void {
    this.#process.resize(columns, rows);
  }

  /**
   * OpenSSH takes the terminal away of a channel that is closed, and the kernel hangs up whatever runs in the foreground; dropbear does so only once the
   * shell has ended, or the whole connection.
   */
  close(): void {
    this.#closing.abort();
    this.#process.hangUp();
    this.#process.close();
  }

  async *#read(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* this.#process.output(this.#over);
    // A server that is told to close before it has said how the shell ended says no more.
    await this.ended;
    this.#process.close();
  }

  /** Known as soon as the shell has exited, whether or not anybody reads what it has shown. */
  async #end(): Promise<number> {
    await Promise.race([this.#process.exited, aborted(this.#over)]);
    try {
      return this.#process.exitCode();
    } catch {
      // Nobody said how it ended: the connection went first, or we closed the channel.
      return CUT_OFF;
    }
  }
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
