import type { SpoolSink } from '../../execution/follow-spool.ts';

/** A line without an end is shown in pieces of this size: it may be of any length. */
const LONGEST_LINE = 8192;

/** Cuts one job's output into lines as it comes. */
export class JobOutput implements SpoolSink {
  spoolOffset = 0;
  private rest = '';
  private readonly decoder = new TextDecoder();

  constructor(private readonly line: (text: string) => Promise<void>) {}

  async append(chunk: Uint8Array): Promise<void> {
    this.spoolOffset += chunk.length;
    const lines = (this.rest + this.decoder.decode(chunk, { stream: true })).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) await this.show(line);
    while (this.rest.length > LONGEST_LINE) {
      await this.show(this.rest.slice(0, LONGEST_LINE));
      this.rest = this.rest.slice(LONGEST_LINE);
    }
  }

  event(): Promise<void> {
    return Promise.resolve();
  }

  /** Shows what came after the last line feed. */
  async end(): Promise<void> {
    const rest = this.rest + this.decoder.decode();
    this.rest = '';
    if (rest !== '') await this.show(rest);
  }

  /** Of a progress bar that writes over itself only the last state; what would move the cursor is left out, colours stay. */
  private async show(line: string): Promise<void> {
    const last = line.replace(/\r+$/, '').split('\r').at(-1) ?? '';
    await this.line(last.replaceAll(MOVES, ''));
  }
}

/** Terminal sequences but for colours (`ESC [ ... m`), and control characters but for tab and escape. */
// oxlint-disable-next-line no-control-regex
const MOVES =
  /\u001b\[[0-9;?]*[A-LN-Za-ln-z]|\u001b\][^\u0007\u001b]*(?:\u0007|\u001b\\)?|\u001b[^[\]]|[\u0000-\u0008\u000b-\u001a\u001c-\u001f\u007f]/g;
