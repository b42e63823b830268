/**
 * The one of `known` that somebody who wrote `word` probably meant; null if none is near. Case, and the difference between dashes,
 * underscores and humps, do not count. Pure.
 */
export function suggest(word: string, known: Iterable<string>): string | null {
  const wanted = plain(word);
  let best: { readonly name: string; readonly distance: number } | null = null;
  for (const name of known) {
    const distance = editDistance(wanted, plain(name));
    if (best === null || distance < best.distance) best = { name, distance };
  }
  return best !== null && best.distance <= Math.max(1, Math.floor(wanted.length / 3)) ? best.name : null;
}

/** ` Did you mean "NAME"?`, or nothing: to be put behind a sentence that ends with a full stop. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const name = suggest(word, known);
  return name === null ? '' : ` Did you mean "${name}"?`;
}

function plain(word: string): string {
  // Whoever writes a novel for a key gets no suggestion, and costs no time.
  return word
    .slice(0, 64)
    .toLowerCase()
    .replaceAll(/[-_\s]/g, '');
}

/** How many letters must be put in, taken out, replaced or swapped with their neighbour to make `left` into `right`. */
function editDistance(left: string, right: string): number {
  let before: number[] = [];
  let row = Array.from({ length: right.length + 1 }, (_, column) => column);
  for (let i = 1; i <= left.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= right.length; j += 1) {
      const replaced = at(row, j - 1) + (left[i - 1] === right[j - 1] ? 0 : 1);
      const swapped = left[i - 1] === right[j - 2] && left[i - 2] === right[j - 1] ? at(before, j - 2) + 1 : Infinity;
      next.push(Math.min(replaced, at(row, j) + 1, at(next, j - 1) + 1, swapped));
    }
    before = row;
    row = next;
  }
  return at(row, right.length);
}

function at(row: readonly number[], index: number): number {
  return row[index] ?? Infinity;
}
