const LETTERS = 64;

/** ` Did you mean "NAME"?` with the nearest of `known`, or nothing if none is near: goes behind a sentence. Pure. */
export function didYouMean(word: string, known: readonly string[]): string {
  const wanted = plain(word);
  const most = Math.max(1, wanted.length / 3);
  // What is that much longer or shorter is further away: it need not be compared, as a file may have very many words.
  const near = known.filter((name) => Math.abs(plain(name).length - wanted.length) <= most);
  const ranked = near.map((name) => ({ name, distance: distance(wanted, plain(name)) })).toSorted((left, right) => left.distance - right.distance);
  const [nearest] = ranked;
  if (nearest === undefined || nearest.distance > most) return '';
  return ` Did you mean "${nearest.name}"?`;
}

function plain(word: string): string {
  return word.slice(0, LETTERS).toLowerCase().replaceAll(/[-_ ]/g, '');
}

/** Letters to put in, take out, replace or swap with their neighbour to make `left` of `right`. */
function distance(left: string, right: string): number {
  let before: readonly number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let i = 0; i < left.length; i += 1) {
    const next = [i + 1];
    for (let j = 1; j < row.length; j += 1) {
      const [above = Infinity, corner = Infinity, beside = Infinity, swapped = Infinity] = [row[j], row[j - 1], next[j - 1], before[j - 2]];
      const isSwap = left[i] === right[j - 2] && left[i - 1] === right[j - 1];
      next.push(Math.min(above + 1, beside + 1, corner + (left[i] === right[j - 1] ? 0 : 1), isSwap ? swapped + 1 : Infinity));
    }
    before = row;
    row = next;
  }
  return row.at(-1) ?? Infinity;
}
