/** Timers take no more than 31 bits of milliseconds. */
const LONGEST_MS = 86_400_000;

/** Machines that are kept after their jobs, each until a moment, for people to look into them. */
export class Holds {
  private readonly held = new Map<string, { readonly until: Date; readonly timer: NodeJS.Timeout }>();

  /** `over` is told of each machine whose time has come. */
  constructor(private readonly over: (id: string) => void) {}

  /** The machines that are held, and until when. */
  all(): Map<string, Date> {
    return new Map([...this.held].map(([id, { until }]) => [id, until]));
  }

  /** Until when a machine is held; null if it is not. */
  untilOf(id: string): Date | null {
    return this.held.get(id)?.until ?? null;
  }

  /** Holds a machine until then, also one that is held already: longer, or shorter. */
  hold(id: string, until: Date): void {
    this.end(id);
    const left = until.getTime() - Date.now();
    const timer = left > LONGEST_MS ? setTimeout(() => this.hold(id, until), LONGEST_MS) : setTimeout(() => this.timeIsOver(id), left);
    this.held.set(id, { until, timer });
  }

  /** Holds it no longer, and tells nobody. */
  end(id: string): void {
    clearTimeout(this.held.get(id)?.timer);
    this.held.delete(id);
  }

  /** Forgets all: another process holds them, or will. */
  clear(): void {
    for (const id of this.held.keys()) this.end(id);
  }

  private timeIsOver(id: string): void {
    this.held.delete(id);
    this.over(id);
  }
}
