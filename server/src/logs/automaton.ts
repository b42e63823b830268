/** The state in which nothing is matched. */
export const ROOT = 0;

/**
 * Finds many patterns at once (Aho and Corasick, 1975). A state is the longest end of what was read that begins some pattern; `depth` is its
 * length. States are numbers, everything about them is in flat arrays, and memory grows with the patterns' length only.
 */
export class Automaton {
  /** The bytes that the state stands for. */
  readonly depth: Int32Array;
  /** The length of the longest pattern that ends in the state; 0 where none does. */
  readonly match: Int32Array;
  private readonly byte: Uint8Array;
  private readonly firstChild: Int32Array;
  private readonly sibling: Int32Array;
  private readonly fallback: Int32Array;
  private readonly fromRoot = new Int32Array(256);
  private size = 1;

  constructor(patterns: readonly Uint8Array[]) {
    const states = patterns.reduce((sum, pattern) => sum + pattern.length, 1);
    this.depth = new Int32Array(states);
    this.match = new Int32Array(states);
    this.byte = new Uint8Array(states);
    this.firstChild = new Int32Array(states);
    this.sibling = new Int32Array(states);
    this.fallback = new Int32Array(states);
    for (const pattern of patterns) this.insert(pattern);
    this.link();
  }

  /** The state after reading `byte` in `state`. */
  next(state: number, byte: number): number {
    let from = state;
    while (from !== ROOT) {
      const child = this.child(from, byte);
      if (child !== ROOT) return child;
      from = this.fallback[from] ?? ROOT;
    }
    return this.fromRoot[byte] ?? ROOT;
  }

  /** The longest state from which the same matches follow as from `state`, and which can still grow: the proper beginning of some pattern. */
  settle(state: number): number {
    let settled = state;
    while (settled !== ROOT && this.firstChild[settled] === ROOT) settled = this.fallback[settled] ?? ROOT;
    return settled;
  }

  private child(state: number, byte: number): number {
    if (state === ROOT) return this.fromRoot[byte] ?? ROOT;
    let child = this.firstChild[state] ?? ROOT;
    while (child !== ROOT && this.byte[child] !== byte) child = this.sibling[child] ?? ROOT;
    return child;
  }

  private insert(pattern: Uint8Array): void {
    let state = ROOT;
    for (const byte of pattern) state = this.child(state, byte) || this.addChild(state, byte);
    this.match[state] = pattern.length;
  }

  private addChild(parent: number, byte: number): number {
    const state = this.size;
    this.size += 1;
    this.byte[state] = byte;
    this.depth[state] = (this.depth[parent] ?? 0) + 1;
    this.sibling[state] = this.firstChild[parent] ?? ROOT;
    this.firstChild[parent] = state;
    if (parent === ROOT) this.fromRoot[byte] = state;
    return state;
  }

  /** Sets each state's fallback (its longest proper end that is a state too), shorter states first. */
  private link(): void {
    const queue = new Int32Array(this.size);
    let end = 1;
    for (let head = 0; head < end; head += 1) {
      const state = queue[head] ?? ROOT;
      for (let child = this.firstChild[state] ?? ROOT; child !== ROOT; child = this.sibling[child] ?? ROOT) {
        const fallback = state === ROOT ? ROOT : this.next(this.fallback[state] ?? ROOT, this.byte[child] ?? 0);
        this.fallback[child] = fallback;
        this.match[child] ||= this.match[fallback] ?? 0;
        queue[end] = child;
        end += 1;
      }
    }
  }
}
