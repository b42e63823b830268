/** Characters of a commit's message that are kept. Whoever pushes may write as much as fits into an object, and all that reads messages would go through it. */
const LONGEST_MESSAGE = 10_000;
/** Characters of a person's name that are looked at. */
const LONGEST_NAME = 1000;
/** No encoding that is met takes more bytes for a character, as a rule; where one does, the message ends sooner. */
const BYTES_A_CHARACTER = 4;

/**
 * What is kept of a commit's message: at most 10,000 characters, the last of them `…` where there is more, without line feeds at the end. The whole stays in the
 * repository. `isCut`: `text` is only the beginning.
 */
export function keptMessage(text: string, isCut = false): string {
  const whole = withoutLineFeeds(text);
  if (!isCut && whole.length <= LONGEST_MESSAGE) return whole;
  return `${withoutLineFeeds(beginningOf(whole, LONGEST_MESSAGE - 1))}…`;
}

/** The name of a person, of which no more than 1,000 characters are looked at; empty where there is none. */
export function keptName(text: string): string {
  return beginningOf(text, LONGEST_NAME).trim();
}

/** The bytes of a message that need to be decoded to know what is kept of it; `isCut`: there are more. */
export function messageBytes(data: Buffer): { readonly bytes: Buffer; readonly isCut: boolean } {
  let end = data.length;
  while (end > 0 && data[end - 1] === 10) end -= 1;
  const most = LONGEST_MESSAGE * BYTES_A_CHARACTER;
  return { bytes: data.subarray(0, Math.min(end, most)), isCut: end > most };
}

/** By hand: a pattern that ends with `$` is tried anew at every line feed. */
function withoutLineFeeds(text: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === '\n') end -= 1;
  return text.slice(0, end);
}

/** At most `length` UTF-16 units, without half of a character at the end. */
function beginningOf(text: string, length: number): string {
  if (text.length <= length) return text;
  const last = text.charCodeAt(length - 1);
  return text.slice(0, last >= 0xd800 && last < 0xdc00 ? length - 1 : length);
}
