/** A piece of a text; `isHidden`: a character that cannot be seen, written as what it is. */
export interface TextPiece {
  text: string;
  isHidden: boolean;
}

/**
 * Characters that show nothing, or show a text other than it is: controls but the tab, soft hyphens, zero-width ones, marks that turn the direction of writing, tags. What
 * is reviewed must not hide behind them ("Trojan Source", CVE-2021-42574).
 */
const HIDDEN =
  /([\u0000-\u0008\u000a-\u001f\u007f-\u009f\u00ad\u061c\u115f\u1160\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufeff\uffa0]|[\u{e0000}-\u{e0fff}])/u;

/** A text in pieces, with what is hidden in it made visible: `U+202E`. */
export function showHidden(text: string): TextPiece[] {
  // Splitting by a group keeps what it matched, at every other place.
  return text
    .split(HIDDEN)
    .map((piece, index) => (index % 2 === 1 ? { text: nameOf(piece), isHidden: true } : { text: piece, isHidden: false }))
    .filter((piece) => piece.text !== '');
}

function nameOf(character: string): string {
  return `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;
}
