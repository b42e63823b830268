// Thousandths of the font's size, of the fonts that badges ask for (Verdana and those like it). Rough is enough: the text is fitted into what is reckoned here.
const NARROW = 300;
const MEDIUM = 460;
const USUAL = 620;
const CAPITAL = 730;
const WIDE = 970;
const FULL = 1000;

const GROUPS: readonly (readonly [RegExp, number])[] = [
  [/[iljI.,:;'!|]/, NARROW],
  [/[\s()[\]{}frt\-/\\"^`]/, MEDIUM],
  [/[mwMW@%]/, WIDE],
  [/[A-Z+=<>~#&]/, CAPITAL],
  [/[\u0000-\u024f]/, USUAL],
];

/** How wide a text is about, in pixels, in a font of that size. Pure. */
export function textWidth(text: string, fontSize: number): number {
  const thousandths = Array.from(text, widthOf).reduce((sum, width) => sum + width, 0);
  return (thousandths * fontSize) / 1000;
}

function widthOf(character: string): number {
  return GROUPS.find(([characters]) => characters.test(character))?.[1] ?? FULL;
}
