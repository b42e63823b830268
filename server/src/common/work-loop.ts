/** What a loop works on, and how. */
export interface WorkLoopParts<Item extends { readonly id: number }> {
  /** How often it looks even if nobody wakes it: a wake may be lost, the tables are the truth. */
  readonly lookMs: number;
  /** How many things are worked on at the same time. */
  readonly atOnce: number;
  /** What is to be worked on, none of `under`, `places` at most. */
  readonly find: (under: readonly number[], places: number) => Promise<readonly Item[]>;
  /** Must not reject. What is still to be done after it is found again. */
  readonly work: (item: Item, signal: AbortSignal) => Promise<void>;
  /** Looking failed; it is tried again. */
  readonly failed: (error: unknown) => void;
}

/** Works on what a table says is to be done, between `start` and `stop`, which may be called again and again. */
export class WorkLoop<Item extends { readonly id: number }> {
  private timer: NodeJS.Timeout | null = null;
  private looking: Promise<void> | null = null;
  private readonly under = new Map<number, Promise<void>>();
  private stopping = new AbortController();

  constructor(private readonly parts: WorkLoopParts<Item>) {}

  start(): void {
    this.stopping = new AbortController();
    this.timer = setInterval(() => this.wake(), this.parts.lookMs);
    this.wake();
  }

  /** Asks what is under way to end, and waits for it. */
  async stop(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    this.timer = null;
    this.stopping.abort(new Error('the server stops'));
    await this.looking;
    await Promise.all(this.under.values());
  }

  /** There may be something. Does nothing while it is stopped. */
  wake(): void {
    if (this.timer === null || this.looking !== null) return;
    this.looking = this.look().finally(() => {
      this.looking = null;
    });
  }

  private async look(): Promise<void> {
    try {
      for (const item of await this.parts.find([...this.under.keys()], this.parts.atOnce - this.under.size)) this.begin(item);
    } catch (error) {
      if (!this.stopping.signal.aborted) this.parts.failed(error);
    }
  }

  private begin(item: Item): void {
    const work = this.parts.work(item, this.stopping.signal).finally(() => {
      this.under.delete(item.id);
      this.wake();
    });
    this.under.set(item.id, work);
  }
}
