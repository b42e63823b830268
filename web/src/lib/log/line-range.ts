/** Lines that a link names, as people count them: from 1, both ends inside. */
export interface LineRange {
  first: number;
  last: number;
}

/** Reads `#L120` or `#L120-L140`; null for anything else. */
export function readLineRange(hash: string): LineRange | null {
  const match = /^#L([1-9]\d{0,9})(?:-L?([1-9]\d{0,9}))?$/.exec(hash);
  if (!match) return null;
  const a = Number(match[1]);
  const b = Number(match[2] ?? match[1]);
  return { first: Math.min(a, b), last: Math.max(a, b) };
}

/** The hash that names some lines. */
export function writeLineRange(range: LineRange): string {
  return range.first === range.last ? `#L${range.first}` : `#L${range.first}-L${range.last}`;
}

/** The range from where a selection began to a line clicked with shift. */
export function extendRange(range: LineRange | null, line: number): LineRange {
  if (!range) return { first: line, last: line };
  return { first: Math.min(range.first, line), last: Math.max(range.first, line) };
}
