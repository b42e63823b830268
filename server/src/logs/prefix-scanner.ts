/** How many first bytes of each pattern the scanner looks at; no pattern may be shorter. */
export const PREFIX_LENGTH = 4;

const PAIRS = 0x1_0000;

/**
 * Skips quickly over bytes in which no pattern begins (Wu and Manber, 1994): looks at the last two of four bytes and knows from a table how
 * far it may jump.
 */
export class PrefixScanner {
  /** By two bytes: how far to jump when they are the third and fourth byte of the window; 0: a pattern may begin here. */
  private readonly jump = new Uint8Array(PAIRS).fill(PREFIX_LENGTH - 1);
  /** By hash of four bytes: 1 where some pattern's first four have it. */
  private readonly begins = new Uint8Array(PAIRS);

  constructor(patterns: readonly Uint8Array[]) {
    for (const pattern of patterns) {
      const [a = 0, b = 0, c = 0, d = 0] = pattern;
      this.allow(a, b, 2);
      this.allow(b, c, 1);
      this.allow(c, d, 0);
      this.begins[hash(a, b, c, d)] = 1;
    }
  }

  /**
   * The first place from `from` on where a pattern may begin; never skips one. Gives a place less than `PREFIX_LENGTH` before the end where there is
   * none: what is left is too short to say.
   */
  find(bytes: Uint8Array, from: number): number {
    const { jump, begins } = this;
    const last = bytes.length - PREFIX_LENGTH;
    let at = from;
    while (at <= last) {
      const c = bytes[at + 2] ?? 0;
      const d = bytes[at + 3] ?? 0;
      const distance = jump[(c << 8) | d] ?? 0;
      if (distance > 0) at += distance;
      else if (begins[hash(bytes[at] ?? 0, bytes[at + 1] ?? 0, c, d)] === 1) return at;
      else at += 1;
    }
    return at;
  }

  private allow(first: number, second: number, distance: number): void {
    const pair = (first << 8) | second;
    this.jump[pair] = Math.min(this.jump[pair] ?? 0, distance);
  }
}

function hash(a: number, b: number, c: number, d: number): number {
  return Math.imul(a | (b << 8) | (c << 16) | (d << 24), 0x9e37_79b1) >>> 16;
}
