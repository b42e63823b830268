import type { Duplex } from 'node:stream';
import { z } from 'zod';
import { PluginError } from '#plugins/api';

const Message = z.object({
  return: z.unknown().optional(),
  error: z.object({ class: z.string(), desc: z.string() }).optional(),
  event: z.string().optional(),
  data: z.record(z.string(), z.unknown()).optional(),
  QMP: z.unknown().optional(),
});
type Message = z.infer<typeof Message>;

/** A QEMU that writes more than this without a line's end is none. Bytes. */
const LONGEST_LINE = 1_000_000;

/**
 * QEMU's monitor: commands and events as lines of JSON over one stream. Codes: `unavailable` (QEMU is gone or says nothing sensible), `rejected` (it refuses a
 * command). Commands are answered in their order.
 */
export class Qmp {
  readonly #stream: Duplex;
  readonly #waiting: { resolve: (message: Message) => void; reject: (error: unknown) => void }[] = [];
  readonly #listeners = new Set<(event: string, data: Record<string, unknown>) => void>();
  #buffer = '';
  #failure: PluginError | null = null;

  private constructor(stream: Duplex) {
    this.#stream = stream;
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => this.#take(text));
    stream.on('error', (error) => this.#fail(`the connection broke: ${error.message}`));
    stream.once('close', () => this.#fail('it closed the connection'));
    stream.once('end', () => this.#fail('it closed the connection'));
  }

  /** Waits for the greeting and leaves the mode in which nothing is possible. */
  static async open(stream: Duplex): Promise<Qmp> {
    const qmp = new Qmp(stream);
    await qmp.#answer();
    await qmp.execute('qmp_capabilities');
    return qmp;
  }

  /** Runs a command; gives what it returns. */
  async execute(command: string, parameters: Record<string, unknown> = {}): Promise<unknown> {
    if (this.#failure) throw this.#failure;
    const answer = this.#answer();
    this.#stream.write(`${JSON.stringify({ execute: command, arguments: parameters })}\n`);
    const message = await answer;
    if (message.error) throw new PluginError('rejected', `QEMU refuses ${command}: ${message.error.desc}`);
    return message.return;
  }

  /** Resolves when an event comes that `wanted` accepts; rejects when QEMU goes. Listens from this call on. */
  until(wanted: (event: string, data: Record<string, unknown>) => boolean): Promise<void> {
    const happened = new Promise<void>((resolve, reject) => {
      const listener = (event: string, data: Record<string, unknown>): void => {
        if (!wanted(event, data)) return;
        this.#listeners.delete(listener);
        resolve();
      };
      this.#listeners.add(listener);
      const gone = (): void => reject(this.#failure ?? new PluginError('unavailable', 'QEMU is gone.'));
      if (this.#failure) gone();
      else this.#stream.once('close', gone);
    });
    // Whoever asked may be gone by then, because a command failed.
    happened.catch(() => undefined);
    return happened;
  }

  /** Leaves QEMU alone. */
  close(): void {
    this.#stream.destroy();
  }

  #answer(): Promise<Message> {
    return new Promise((resolve, reject) => {
      if (this.#failure) reject(this.#failure);
      else this.#waiting.push({ resolve, reject });
    });
  }

  #take(text: string): void {
    this.#buffer += text;
    if (this.#buffer.length > LONGEST_LINE) return this.#fail('it sends a line without an end');
    const lines = this.#buffer.split('\n');
    this.#buffer = lines.pop() ?? '';
    for (const line of lines) if (line.trim() !== '') this.#hear(line);
  }

  #hear(line: string): void {
    const message = parse(line);
    if (message === null) return this.#fail(`it sends what is no message: ${JSON.stringify(line.slice(0, 200))}`);
    if (message.event === undefined) return this.#waiting.shift()?.resolve(message);
    for (const listener of this.#listeners) listener(message.event, message.data ?? {});
  }

  #fail(why: string): void {
    if (this.#failure) return;
    this.#failure = new PluginError('unavailable', `QEMU cannot be talked to: ${why}.`);
    this.#stream.destroy();
    for (const { reject } of this.#waiting.splice(0)) reject(this.#failure);
  }
}

function parse(line: string): Message | null {
  try {
    const result = Message.safeParse(JSON.parse(line));
    return result.success ? result.data : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}
