/**
 * Does many small things in few strokes: while one stroke is under way, what comes gathers for the next. Idle, the first thing goes at once; under load, strokes
 * grow. Each `add` resolves with its own result, or rejects with what its stroke threw.
 */
export class Batcher<Item, Result> {
  private waiting: { readonly item: Item; readonly resolve: (result: Result) => void; readonly reject: (error: unknown) => void }[] = [];
  private busy = false;

  /** `work` gives a result for each item, in their order. It never runs twice at the same time. */
  constructor(private readonly work: (items: readonly Item[]) => Promise<readonly Result[]>) {}

  add(item: Item): Promise<Result> {
    const result = new Promise<Result>((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
    });
    if (!this.busy) void this.run();
    return result;
  }

  private async run(): Promise<void> {
    this.busy = true;
    while (this.waiting.length > 0) {
      // One turn of the event loop gathers what happens at once.
      await new Promise(setImmediate);
      await this.stroke();
    }
    this.busy = false;
  }

  private async stroke(): Promise<void> {
    const batch = this.waiting;
    this.waiting = [];
    try {
      const results = await this.work(batch.map(({ item }) => item));
      if (results.length !== batch.length) throw new Error(`${batch.length} items gave ${results.length} results`);
      batch.forEach(({ resolve }, index) => resolve(results[index] as Result));
    } catch (error) {
      for (const { reject } of batch) reject(error);
    }
  }
}
