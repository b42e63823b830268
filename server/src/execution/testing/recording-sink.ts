import type { SpoolSink } from '../follow-spool.ts';

/** A sink that remembers what it was given, in order: pieces of output as text, events as `step 0`, `done 0 3`. */
export class RecordingSink implements SpoolSink {
  spoolOffset = 0;
  readonly seen: string[] = [];
  output = '';
  private readonly waiting = new Set<() => void>();

  append(chunk: Uint8Array): Promise<void> {
    const text = Buffer.from(chunk).toString('latin1');
    this.spoolOffset += chunk.length;
    this.output += text;
    this.seen.push(text);
    this.wake();
    return Promise.resolve();
  }

  event(event: Parameters<SpoolSink['event']>[0]): Promise<void> {
    const words = event.type === 'done' ? [event.step, event.exitCode] : event.type === 'step' ? [event.step] : [];
    this.seen.push([event.type, ...words].join(' '));
    this.wake();
    return Promise.resolve();
  }

  /** Resolves once something was seen. */
  async until(what: string): Promise<void> {
    while (!this.seen.includes(what)) await new Promise<void>((resolve) => this.waiting.add(resolve));
  }

  private wake(): void {
    const all = [...this.waiting];
    this.waiting.clear();
    for (const resolve of all) resolve();
  }
}
