import type { Duplex } from 'node:stream';
import { PluginError } from '#plugins/api';
import { type Seed, seedLines } from '#plugins/kit/vm/seed';

/** A guest's agent says `ready`, `ok` or `error TEXT`: nothing longer is listened to. Characters. */
const LONGEST = 10_000;

/** The guest's end of the second serial port, as `seed.ts` tells. What it says is not trusted. */
export class GuestAgent {
  readonly #stream: Duplex;
  #heard = '';
  #isOver = false;
  #wake: () => void = () => undefined;

  constructor(stream: Duplex) {
    this.#stream = stream;
    const end = (): void => {
      this.#isOver = true;
      this.#wake();
    };
    stream.on('error', end).once('close', end);
    stream.on('data', (chunk: Buffer) => {
      this.#heard = (this.#heard + chunk.toString('latin1')).slice(-LONGEST);
      this.#wake();
    });
  }

  /** Resolves when the guest has come up; must be listened to before it runs. `unavailable` when the machine goes. */
  async ready(signal: AbortSignal): Promise<void> {
    await this.#line(/^ready\r?$/m, signal);
  }

  /** Gives the machine what is its own; after that it may be connected to. `rejected` if it does not take it. */
  async seed(seed: Seed, signal: AbortSignal): Promise<void> {
    this.#heard = '';
    this.#stream.write(seedLines(seed));
    const answer = await this.#line(/^(?:ok|error .*)\r?$/m, signal);
    if (!answer.startsWith('ok')) throw new PluginError('rejected', `The machine does not take its keys: ${answer.trim().slice(0, 500)}.`);
  }

  close(): void {
    this.#stream.destroy();
  }

  /** The first complete line that is like that. */
  async #line(wanted: RegExp, signal: AbortSignal): Promise<string> {
    const wake = (): void => this.#wake();
    signal.addEventListener('abort', wake);
    try {
      for (;;) {
        signal.throwIfAborted();
        const [found] = wanted.exec(this.#heard.slice(0, this.#heard.lastIndexOf('\n') + 1)) ?? [];
        if (found !== undefined) return found;
        if (this.#isOver) throw new PluginError('unavailable', 'The machine ended before it was up.');
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
    } finally {
      signal.removeEventListener('abort', wake);
    }
  }
}
