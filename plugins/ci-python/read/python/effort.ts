/** Items, entries and characters that are put together while one text is read. */
const MOST = 2_000_000;

/** Lists and texts may be put together from lists and texts that were, which doubles them line by line: what is beyond any that a person wrote is not made. */
export class Effort {
  #left = MOST;

  /** Whether more was asked for than is made. */
  get isSpent(): boolean {
    return this.#left < 0;
  }

  /** Asked before `count` things are put together; false where they must not be. */
  allows(count: number): boolean {
    this.#left -= count;
    return !this.isSpent;
  }
}
