import type { Shell } from '../session.ts';

/** Somebody at a shell: types, and waits for what it shows. For tests. */
export class Typist {
  private shown = '';
  private readonly wakes = new Set<() => void>();
  /** Resolves when the shell shows nothing more. */
  readonly done: Promise<void>;

  constructor(readonly shell: Shell) {
    this.done = this.read();
  }

  /** All that was shown, byte for byte as Latin-1. */
  get screen(): string {
    return this.shown;
  }

  async type(text: string | Uint8Array): Promise<void> {
    await this.shell.write(Buffer.from(text));
  }

  /** The match of what the shell has shown; waits until it is there. Throws with all that was shown if the shell ends before. */
  async sees(pattern: RegExp): Promise<RegExpExecArray> {
    let over = false;
    void this.done.then(() => {
      over = true;
      this.wake();
    });
    for (;;) {
      const found = pattern.exec(this.shown);
      if (found !== null) return found;
      if (over) throw new Error(`the shell ended and never showed ${pattern}, only: ${JSON.stringify(this.shown)}`);
      await new Promise<void>((resolve) => this.wakes.add(resolve));
    }
  }

  private async read(): Promise<void> {
    for await (const chunk of this.shell.output) {
      this.shown += Buffer.from(chunk).toString('latin1');
      this.wake();
    }
  }

  private wake(): void {
    for (const wake of this.wakes) wake();
    this.wakes.clear();
  }
}
