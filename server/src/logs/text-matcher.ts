/**
 * Finds a text in a stream of letters, given as numbers, in a single pass, whatever the two are (Knuth, Morris and Pratt, 1977): each letter costs two steps on
 * average at most.
 */
export class TextMatcher {
  /** By how many letters fit: how many still do, if the next one does not. */
  private readonly fallback: Int32Array;
  /** How many letters of the text the last ones are. */
  private fits = 0;

  /** `text` has one letter at least. */
  constructor(private readonly text: Int32Array) {
    this.fallback = new Int32Array(text.length);
    for (let at = 1; at < text.length; at += 1) {
      this.fallback[at] = this.fits;
      this.take(text[at] ?? 0);
    }
    this.fits = 0;
  }

  /** Takes the next letter; whether the text ends with it. After that, `reset`. */
  take(letter: number): boolean {
    const { text, fallback } = this;
    let fits = this.fits;
    while (fits > 0 && text[fits] !== letter) fits = fallback[fits] ?? 0;
    if (text[fits] === letter) fits += 1;
    this.fits = fits;
    return fits === text.length;
  }

  /** Whether none of the last letters can be a beginning of the text. */
  get isIdle(): boolean {
    return this.fits === 0;
  }

  /** Forgets what came before. */
  reset(): void {
    this.fits = 0;
  }
}
