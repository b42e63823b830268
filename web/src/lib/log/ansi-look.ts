import type { AnsiColor, AnsiStyle } from './ansi.ts';

/** How a run of text is drawn: classes of ansi.css, and colours as CSS variables for them. */
export interface AnsiLook {
  classes: string[];
  variables: Record<string, string>;
}

/** Backgrounds of the sixteen colours, the same in both themes: text on them is black or white, whichever reads better. */
const BACKGROUNDS = [
  '#3a4147', '#c4362f', '#1d8a4d', '#d9a32b', '#2a6fc9', '#a040b8', '#14889a', '#c9cfd4',
  '#6d7780', '#e8584f', '#2fa866', '#f0c050', '#4f8fe6', '#bf5fd6', '#35a9bb', '#f2f5f7',
]; // prettier-ignore

/** Turns a style into what the page draws. Inverse video swaps the colours, over the log's own where none is set. */
export function lookOf(style: AnsiStyle): AnsiLook {
  const look: AnsiLook = { classes: [], variables: {} };
  const fg = style.inverse ? style.bg : style.fg;
  const bg = style.inverse ? (style.fg ?? ({ kind: 'indexed', index: 7 } as const)) : style.bg;
  if (bg) addBackground(look, bg, fg);
  else if (fg) addForeground(look, fg);
  if (style.bold) look.classes.push('ansi-bold');
  if (style.dim && !bg) look.classes.push('ansi-dim');
  if (style.italic) look.classes.push('ansi-italic');
  if (style.underline) look.classes.push('ansi-underline');
  if (style.strike) look.classes.push('ansi-strike');
  return look;
}

function addForeground(look: AnsiLook, color: AnsiColor): void {
  look.classes.push(color.kind === 'indexed' ? 'ansi-indexed' : 'ansi-rgb');
  look.variables['--ansi-fg'] = color.kind === 'indexed' ? `var(--ansi-${color.index})` : color.hex;
}

function addBackground(look: AnsiLook, bg: AnsiColor, fg: AnsiColor | null): void {
  const ground = exact(bg);
  const wanted = fg ? exact(fg) : null;
  look.classes.push('ansi-on');
  look.variables['--ansi-bg'] = ground;
  look.variables['--ansi-on-bg'] = wanted && contrast(wanted, ground) >= 4.5 ? wanted : readableOn(ground);
}

function exact(color: AnsiColor): string {
  return color.kind === 'rgb' ? color.hex : (BACKGROUNDS[color.index] ?? '#808080');
}

function readableOn(ground: string): string {
  return contrast('#000000', ground) >= contrast('#ffffff', ground) ? '#000000' : '#ffffff';
}

/** The contrast ratio of two colours as WCAG 2 defines it, from 1 to 21. */
export function contrast(a: string, b: string): number {
  const [light, dark] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return ((light ?? 0) + 0.05) / ((dark ?? 0) + 0.05);
}

function luminance(hex: string): number {
  const [r, g, b] = [1, 3, 5].map((at) => linear(Number.parseInt(hex.slice(at, at + 2), 16) / 255));
  return 0.2126 * (r ?? 0) + 0.7152 * (g ?? 0) + 0.0722 * (b ?? 0);
}

function linear(channel: number): number {
  return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4;
}
