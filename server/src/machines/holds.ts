/** Machines that are kept after their jobs, each until a moment, for people to look into them. */
export class Holds {
  private readonly held = new Map<string, { readonly until: Date; readonly timer: NodeJS.Timeout }>();

  /** `over` is told of each machine whose time has come. */
  constructor(private readonly over: (id: string) => void) {}

  /** The machines that are held. */
  get ids(): string[] {
    return [...this.held.keys()];
  }

  /** Holds a machine until then, also one that is held already: longer, or shorter. */
  hold(id: string, until: Date): void {
    this.end(id);
    const timer = setTimeout(() => {
      this.held.delete(id);
      this.over(id);
    }, until.getTime() - Date.now());
    this.held.set(id, { until, timer });
  }

  /** Holds it no longer, and tells nobody. */
  end(id: string): void {
    clearTimeout(this.held.get(id)?.timer);
    this.held.delete(id);
  }

  /** Forgets all: another process holds them, or will. */
  clear(): void {
    for (const id of this.ids) this.end(id);
  }

  /** Follows what is written down: `written` has the moments of those that are to be held still. */
  follow(written: ReadonlyMap<string, Date>): void {
    for (const [id, { until }] of this.held) {
      const now = written.get(id);
      if (now === undefined) {
        this.end(id);
        this.over(id);
      } else if (now.getTime() !== until.getTime()) this.hold(id, now);
    }
  }
}
