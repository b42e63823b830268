/** So much of a body is not counted: what ordinary calls send, for which there must be room at any time. Bytes. */
const FREE_BYTES = 100 * 1024;

/** How many bytes of large bodies are kept at once, of all callers together: none of them has shown yet who he is. */
export class BodyBudget {
  private taken = 0;

  constructor(private readonly bytes: number) {}

  /** How many bytes are kept now. */
  get held(): number {
    return this.taken;
  }

  /** A part for one body. */
  share(): BodyShare {
    return new BodyShare((bytes) => this.take(bytes));
  }

  /** Takes, or with a negative number gives back. Whether there was room. */
  private take(bytes: number): boolean {
    if (this.taken + bytes > this.bytes) return false;
    this.taken += bytes;
    return true;
  }
}

/** What one body has of a budget. */
export class BodyShare {
  private length = 0;
  private taken = 0;

  constructor(private readonly take: (bytes: number) => boolean) {}

  /** Makes room for so many more bytes that have come in; false if there is none. */
  add(bytes: number): boolean {
    this.length += bytes;
    const more = Math.max(0, this.length - FREE_BYTES) - this.taken;
    if (!this.take(more)) return false;
    this.taken += more;
    return true;
  }

  /** Gives everything back; a second time nothing. */
  release(): void {
    this.take(-this.taken);
    this.taken = 0;
  }
}
