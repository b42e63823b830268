/** A number as people read it: `12,403`. */
export function formatCount(value: number): string {
  return value.toLocaleString('en-GB');
}

/** A number with its noun: `1 job`, `12,403 new lines`. The plural is the noun with an s unless given. */
export function count(value: number, noun: string, plural = `${noun}s`): string {
  return `${formatCount(value)} ${value === 1 ? noun : plural}`;
}

/** Bytes as people read them, in powers of 1000: `812 B`, `64.2 kB`, `120 MB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes / 1000;
  let unit = 0;
  while (value >= 999.5 && unit < units.length - 1) {
    value /= 1000;
    unit += 1;
  }
  return `${value < 99.95 ? Math.round(value * 10) / 10 : Math.round(value)} ${units[unit] ?? ''}`;
}

/** Words as a list in a sentence: `a`, `a and b`, `a, b and c`. */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('');
  return `${words.slice(0, -1).join(', ')} and ${words.at(-1) ?? ''}`;
}
