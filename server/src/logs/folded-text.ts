/** What every character is that a text does not have. */
const OTHER: readonly number[] = [0];

/**
 * The letters of a text as numbers, the same one for a letter in lower and upper case. Only cases that take as many bytes of UTF-8 count, as all but those of a handful of letters do. A
 * character that is several letters in upper case (`ß`, `SS`) is these.
 */
export class FoldedText {
  /** The text. */
  readonly letters: Int32Array;
  /** By byte: 1 where a character may begin with it in which the text may begin. */
  readonly begins = new Uint8Array(256);
  private readonly numbers = new Map<string, number>();
  /** By the byte of a character: its letters. */
  private readonly ascii: (readonly number[])[] = Array.from({ length: 256 }, () => OTHER);
  /** By the bytes of a longer character as one number: its letters. */
  private readonly longer = new Map<number, readonly number[]>();

  constructor(text: string) {
    // Half a surrogate is the character that takes its place in UTF-8.
    const characters = Array.from(Buffer.from(text, 'utf8').toString('utf8'));
    this.letters = Int32Array.from(characters.flatMap((character) => this.learn(character)));
    const first = this.letters[0] ?? 0;
    const all = [...characters, ...characters.flatMap((character) => lettersOf(character))];
    const beginning = all.filter((character) => this.learn(character).includes(first));
    for (const [byte = 0] of beginning.flatMap((character) => formsOf(character))) this.begins[byte] = 1;
  }

  /** The letters that the character of `length` bytes at `at` is. */
  lettersAt(bytes: Uint8Array, at: number, length: number): readonly number[] {
    return (length === 1 ? this.ascii[bytes[at] ?? 0] : this.longer.get(asOne(bytes, at, length))) ?? OTHER;
  }

  private learn(character: string): readonly number[] {
    const letters = lettersOf(character);
    const numbers = letters.length > 1 ? letters.flatMap((letter) => this.learn(letter)) : [this.numberOf(character)];
    for (const bytes of formsOf(character)) {
      if (bytes.length === 1) this.ascii[bytes[0] ?? 0] = numbers;
      else this.longer.set(asOne(bytes, 0, bytes.length), numbers);
    }
    return numbers;
  }

  private numberOf(letter: string): number {
    const folded = lower(upper(letter));
    const number = this.numbers.get(folded) ?? this.numbers.size + 1;
    this.numbers.set(folded, number);
    return number;
  }
}

/** How many bytes the character at `at` takes; 1 for a byte that begins none; 0 if its end is not there yet. */
export function characterLength(bytes: Uint8Array, at: number): number {
  const length = wantedLength(bytes[at] ?? 0);
  for (let index = 1; index < length; index += 1) {
    const byte = bytes[at + index];
    if (byte === undefined) return 0;
    if ((byte & 0xc0) !== 0x80) return 1;
  }
  return length;
}

function wantedLength(first: number): number {
  if (first < 0xc2 || first > 0xf4) return 1;
  if (first < 0xe0) return 2;
  return first < 0xf0 ? 3 : 4;
}

function asOne(bytes: Uint8Array, at: number, length: number): number {
  let number = 0;
  for (let index = at; index < at + length; index += 1) number = (number << 8) | (bytes[index] ?? 0);
  return number;
}

function lettersOf(character: string): string[] {
  const letters = Array.from(inSameSpace(character, character.toUpperCase()));
  return letters.length > 1 ? letters : [character];
}

function formsOf(character: string): Uint8Array[] {
  return [character, lower(character), upper(character)].map((form) => Buffer.from(form, 'utf8'));
}

function lower(character: string): string {
  return oneOf(character, character.toLowerCase());
}

function upper(character: string): string {
  return oneOf(character, character.toUpperCase());
}

/** The form if it is one character that takes as many bytes, or else the character itself. */
function oneOf(character: string, form: string): string {
  return Array.from(form).length === 1 ? inSameSpace(character, form) : character;
}

function inSameSpace(character: string, form: string): string {
  return Buffer.byteLength(form) === Buffer.byteLength(character) ? form : character;
}
