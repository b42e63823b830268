import type { Duplex } from 'node:stream';
import { PluginError } from '#plugins/api';
import { type Seed, seedLines, timeLine } from './seed.ts';

/** A guest's agent says `ready`, `ok` or `error TEXT`: nothing longer is listened to. Characters. */
const LONGEST = 10_000;

/** The guest's agent at the other end of the second serial port; see `seed.ts`. What it says is not trusted. */
export class GuestAgent {
  readonly #stream: Duplex;
  #heard = '';
  #ended = false;
  #wake: () => void = () => undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    stream.on('data', (chunk: Buffer) => {
      this.#heard = (this.#heard + chunk.toString('latin1')).slice(-LONGEST);
      this.#wake();
    });
    const end = (): void => {
      this.#ended = true;
      this.#wake();
    };
    stream.once('close', end).on('error', end);
  }

  /** Resolves when the guest has come up. Rejects with the signal's reason, or `unavailable` when the machine goes. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#line(/^ready\r?$/m, signal);
  }

  /** Gives the machine what is its own. After this it may be connected to. `rejected` if the guest cannot do it. */
  async seed(seed: Seed, signal: AbortSignal): Promise<void> {
    await this.#tell(seedLines(seed), signal);
  }

  /** Sets the clock of a machine that was paused. */
  async setTime(time: number, signal: AbortSignal): Promise<void> {
    await this.#tell(`${timeLine(time)}\ngo\n`, signal);
  }

  close(): void {
    this.#stream.destroy();
  }

  async #tell(lines: string, signal: AbortSignal): Promise<void> {
    this.#heard = '';
    this.#stream.write(lines);
    const [line = ''] = await this.#line(/^(ok|error .*)\r?$/m, signal);
    if (!line.startsWith('ok')) throw new PluginError('rejected', `The machine does not take what it is told: ${line.trim().slice(0, 500)}.`);
  }

  async #line(wanted: RegExp, signal: AbortSignal): Promise<RegExpExecArray> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      for (;;) {
        signal.throwIfAborted();
        const complete = this.#heard.slice(0, this.#heard.lastIndexOf('\n') + 1);
        const found = wanted.exec(complete);
        if (found) return found;
        if (this.#ended) throw new PluginError('unavailable', 'The machine ended before it was up.');
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }
}
