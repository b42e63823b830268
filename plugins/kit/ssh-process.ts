import { constants } from 'node:os';
import type { ClientChannel } from 'ssh2';
import { PluginError } from '#plugins/api';

/** How much of a process's standard error is kept: the newest. Characters. */
const MAX_ERRORS = 65_536;

/** A line of standard error by which our own scripts report to us. GNU tail says itself, and at once, when its file got shorter. */
const REPORT = /^(?:terrarium ([a-z-]+)(?: (.*))?|tail: .*: (file truncated))$/m;

/** What a script reported: a word, and what belongs to it. */
export interface Report {
  readonly word: string;
  readonly detail: string;
}

/**
 * One of our scripts running in a channel. Its standard output is data and is pulled, so that a reader that pauses fills no memory beyond
 * the channel's window; its standard error is ours: reports, one a line, and whatever tools have to say.
 */
export class RemoteProcess {
  readonly #channel: ClientChannel;
  readonly #lost: AbortSignal;
  #errors = '';
  #exitCode: number | null = null;
  #closed = false;
  #wake: () => void = () => {};
  /** Resolves, never rejects, when the channel is closed, be it by the connection's loss. All output has been read or given up by then. */
  readonly ended: Promise<void>;
  /** Resolves when the process has exited; its output may not be complete. Resolves too when the channel is closed. */
  readonly exited: Promise<void>;

  constructor(channel: ClientChannel, lost: AbortSignal) {
    this.#channel = channel;
    this.#lost = lost;
    this.exited = new Promise((resolve) => {
      channel.on('exit', (code: number | null, signal?: string) => {
        this.#exitCode = code ?? signalCode(signal);
        resolve();
      });
      channel.once('close', () => resolve());
    });
    this.ended = new Promise((resolve) => {
      channel.once('close', () => {
        this.#closed = true;
        this.#wake();
        resolve();
      });
    });
    channel.stderr.on('data', (chunk: Buffer) => this.#note(chunk));
  }

  /** Whether its channel is closed: it has ended, or the connection has. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** What it wrote to its standard error. */
  get errors(): string {
    return this.#errors;
  }

  /** The first complete line by which the script reported something; null if there is none yet. */
  get report(): Report | null {
    const complete = this.#closed ? this.#errors : this.#errors.slice(0, this.#errors.lastIndexOf('\n') + 1);
    const found = REPORT.exec(complete);
    if (found === null) return null;
    const [, word = 'shorter', detail = ''] = found;
    return { word, detail };
  }

  /** 128 + signal where a signal ended it. Throws `unavailable` if the connection went before it was known. */
  exitCode(): number {
    if (this.#exitCode !== null) return this.#exitCode;
    if (this.#lost.aborted) throw this.#lost.reason;
    throw new PluginError('unavailable', 'The machine closed the channel of a command without saying how it ended.');
  }

  /** Hands every chunk of output to `take` as it comes. Not together with `output`. */
  pushOutput(take: (chunk: Buffer) => void): void {
    this.#channel.on('data', take);
  }

  /**
   * The output as it comes. Ends at its end, when `signal` aborts, when the connection is lost, and, with `untilReport`, when the script
   * reports something. Ask `report` and `exitCode` which it was.
   */
  async *output(signal: AbortSignal, untilReport = false): AsyncGenerator<Buffer, void, undefined> {
    let over = false;
    const wake = (): void => this.#wake();
    const end = (): void => {
      over = true;
      this.#wake();
    };
    this.#channel.on('readable', wake).once('end', end);
    signal.addEventListener('abort', wake);
    try {
      while (!signal.aborted) {
        const turn = new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        const chunk: unknown = this.#channel.read();
        if (chunk instanceof Buffer) yield chunk;
        else if (over || this.#closed || (untilReport && this.report !== null)) return;
        else await turn;
      }
    } finally {
      signal.removeEventListener('abort', wake);
      this.#channel.removeListener('readable', wake).removeListener('end', end);
    }
  }

  /** Writes to its standard input; resolves when there is room for more, or nobody is left to read. */
  async write(bytes: Uint8Array): Promise<void> {
    if (this.#closed || this.#channel.write(bytes)) return;
    const drained = new Promise<void>((resolve) => {
      this.#channel.once('drain', resolve);
    });
    await Promise.race([drained, this.ended]);
  }

  /** Says that its terminal has another size now; nothing where it has none, or has ended. */
  resize(columns: number, rows: number): void {
    this.#channel.setWindow(rows, columns, 0, 0);
  }

  /** Tells it that its terminal is gone, where the other side passes signals on. */
  hangUp(): void {
    if (!this.#closed) this.#channel.signal('HUP');
  }

  /** Ends its standard input. */
  end(): void {
    this.#channel.end();
  }

  /** Lets go of it: nothing more is read. Our scripts take the end of their standard input as the sign to go. May be called again. */
  close(): void {
    if (this.#closed) return;
    this.#channel.close();
    this.#channel.resume();
  }

  #note(chunk: Buffer): void {
    this.#errors = (this.#errors + chunk.toString()).slice(-MAX_ERRORS);
    this.#wake();
  }
}

function signalCode(name: string | undefined): number | null {
  const number = Object.entries(constants.signals).find(([signal]) => signal === name || signal === `SIG${name}`)?.[1];
  return number === undefined ? null : 128 + number;
}
