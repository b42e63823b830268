const LETTERS = 64;

/** ` Did you mean "NAME"?` with the nearest of `known`, or nothing if none is near: goes behind a sentence. Pure. */
export function didYouMean(word: string, known: readonly string[]): string {
  const wanted = plain(word);
  const ranked = known.map((name) => ({ name, distance: distance(wanted, plain(name)) })).toSorted((left, right) => left.distance - right.distance);
  const [nearest] = ranked;
  if (nearest === undefined || nearest.distance > Math.max(1, wanted.length / 3)) return '';
  return ` Did you mean "${nearest.name}"?`;
}

function plain(word: string): string {
  return word.slice(0, LETTERS).toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** Letters to put in, take out or replace to make `left` of `right`. */
function distance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...left].entries()) {
    const next = [i + 1];
    for (let j = 1; j < row.length; j += 1) {
      const [above = Infinity, corner = Infinity, before = Infinity] = [row[j], row[j - 1], next[j - 1]];
      next.push(Math.min(above + 1, before + 1, corner + (letter === right[j - 1] ? 0 : 1)));
    }
    row = next;
  }
  return row.at(-1) ?? Infinity;
}
