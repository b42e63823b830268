import type { Logger } from '#plugins/api';

/** Gathers things for a while, then deals with all of them at once, never twice at the same time. */
export class Gatherer<Thing> {
  private things = new Set<Thing>();
  private timer: NodeJS.Timeout | null = null;
  private busy = false;
  private closed = false;

  constructor(
    private readonly pauseMs: number,
    private readonly deal: (things: readonly Thing[]) => Promise<void>,
    private readonly logger: Logger,
  ) {}

  add(things: readonly Thing[]): void {
    for (const thing of things) this.things.add(thing);
    if (this.things.size > 0) this.arm();
  }

  close(): void {
    this.closed = true;
    if (this.timer) clearTimeout(this.timer);
  }

  private arm(): void {
    if (this.closed || this.busy) return;
    this.timer ??= setTimeout(() => void this.flush(), this.pauseMs);
  }

  private async flush(): Promise<void> {
    this.timer = null;
    this.busy = true;
    const things = [...this.things];
    this.things = new Set();
    try {
      await this.deal(things);
    } catch (error) {
      // A client that misses an event sees the state at its next snapshot; the next event carries it too.
      this.logger.warn('live events could not be sent', { error });
    } finally {
      this.busy = false;
      if (this.things.size > 0) this.arm();
    }
  }
}
