/** A colour as a log asks for it: one of the sixteen of the theme, or an exact one. */
export type AnsiColor = { kind: 'indexed'; index: number } | { kind: 'rgb'; hex: string };

/** What is switched on at one place of a log. */
export interface AnsiStyle {
  fg: AnsiColor | null;
  bg: AnsiColor | null;
  bold: boolean;
  dim: boolean;
  italic: boolean;
  underline: boolean;
  strike: boolean;
  inverse: boolean;
}

/** A run of text in one style. */
export interface AnsiSpan {
  text: string;
  style: AnsiStyle;
}

/** Nothing switched on. */
export const PLAIN: AnsiStyle = { fg: null, bg: null, bold: false, dim: false, italic: false, underline: false, strike: false, inverse: false };

// CSI (colours and cursor moves), OSC (titles and links, ended by BEL or ST), other two-character escapes.
const ESCAPE = /\x1b(?:\[([0-?]*)[ -/]*([@-~])|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[PX^_][^\x1b]*(?:\x1b\\)?|[ -/]*[0-~])/g;
const CONTROL = /[\x00-\x08\x0b-\x1f\x7f]/g;

/** Splits one line into runs, from the style in force at its beginning. Answers the style at its end, which the next line begins with. */
export function parseAnsi(line: string, start: AnsiStyle = PLAIN): { spans: AnsiSpan[]; end: AnsiStyle } {
  const spans: AnsiSpan[] = [];
  let style = start;
  let from = 0;
  for (const match of line.matchAll(ESCAPE)) {
    push(spans, line.slice(from, match.index), style);
    from = match.index + match[0].length;
    if (match[2] === 'm') style = applySgr(style, match[1] ?? '');
  }
  push(spans, line.slice(from), style);
  return { spans, end: style };
}

/** The text of a line without its escapes, as it is copied and searched. */
export function stripAnsi(line: string): string {
  return showControls(line.replace(ESCAPE, ''));
}

/** What a terminal would show of a line that went back to its beginning (carriage returns): its last state. */
export function collapseProgress(line: string): string {
  if (!line.includes('\r')) return line;
  const states = line.split('\r');
  const last = states.findLast((state) => stripAnsi(state).trim() !== '') ?? '';
  return last;
}

function push(spans: AnsiSpan[], text: string, style: AnsiStyle): void {
  if (text !== '') spans.push({ text: showControls(text), style });
}

/** Other control characters are shown by their picture, so that nothing in a log is invisible. */
function showControls(text: string): string {
  return text.replace(CONTROL, (char) => (char === '\x7f' ? '\u2421' : String.fromCharCode(0x2400 + char.charCodeAt(0))));
}

function applySgr(style: AnsiStyle, parameters: string): AnsiStyle {
  const codes = parameters.split(/[;:]/).map((code) => (code === '' ? 0 : Number(code)));
  let next = style;
  for (let at = 0; at < codes.length; at += 1) {
    const code = codes[at] ?? 0;
    if (code === 38 || code === 48) {
      const extended = readExtended(codes, at + 1);
      if (extended.color) next = code === 38 ? { ...next, fg: extended.color } : { ...next, bg: extended.color };
      at += extended.used;
    } else {
      next = applyCode(next, code);
    }
  }
  return next;
}

const SWITCHES: Record<number, Partial<AnsiStyle>> = {
  0: PLAIN,
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { inverse: true },
  9: { strike: true },
  21: { bold: false },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { inverse: false },
  29: { strike: false },
  39: { fg: null },
  49: { bg: null },
};

function applyCode(style: AnsiStyle, code: number): AnsiStyle {
  const change = SWITCHES[code];
  if (change) return { ...style, ...change };
  if (code >= 30 && code <= 37) return { ...style, fg: { kind: 'indexed', index: code - 30 } };
  if (code >= 90 && code <= 97) return { ...style, fg: { kind: 'indexed', index: code - 82 } };
  if (code >= 40 && code <= 47) return { ...style, bg: { kind: 'indexed', index: code - 40 } };
  if (code >= 100 && code <= 107) return { ...style, bg: { kind: 'indexed', index: code - 92 } };
  return style;
}

/** `5;N` or `2;R;G;B` after 38 or 48. `used` is how many codes belong to it, also where they make no colour. */
function readExtended(codes: readonly number[], at: number): { color: AnsiColor | null; used: number } {
  if (codes[at] === 5) return { color: paletteColor(codes[at + 1] ?? -1), used: 2 };
  if (codes[at] !== 2) return { color: null, used: 1 };
  const channels = [codes[at + 1], codes[at + 2], codes[at + 3]];
  if (!channels.every((value) => value !== undefined && value >= 0 && value <= 255)) return { color: null, used: 4 };
  return { color: { kind: 'rgb', hex: toHex(channels.map((value) => value ?? 0)) }, used: 4 };
}

/** The 256-colour palette: 16 of the theme, a 6 x 6 x 6 cube, 24 greys. */
function paletteColor(index: number): AnsiColor | null {
  if (!Number.isInteger(index) || index < 0 || index > 255) return null;
  if (index < 16) return { kind: 'indexed', index };
  if (index >= 232) return { kind: 'rgb', hex: toHex(Array(3).fill(8 + (index - 232) * 10)) };
  const cube = index - 16;
  const channels = [Math.floor(cube / 36), Math.floor(cube / 6) % 6, cube % 6];
  return { kind: 'rgb', hex: toHex(channels.map((level) => (level === 0 ? 0 : 55 + level * 40))) };
}

function toHex(channels: readonly number[]): string {
  return `#${channels.map((value) => value.toString(16).padStart(2, '0')).join('')}`;
}
