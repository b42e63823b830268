/** Ways to make a text stand out. */
export interface Paint {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly green: (text: string) => string;
}

/** Paints with the terminal's own colours, or not at all. */
export function paint(colors: boolean): Paint {
  const style =
    (on: number, off: number) =>
    (text: string): string =>
      colors ? `\u001b[${on}m${text}\u001b[${off}m` : text;
  return { bold: style(1, 22), dim: style(2, 22), red: style(31, 39), yellow: style(33, 39), green: style(32, 39) };
}
