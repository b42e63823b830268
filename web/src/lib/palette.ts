/** Something the command palette offers. */
export interface PaletteEntry {
  key: string;
  /** What kind of thing it is: `Project`, `Build`, `Page`, `Command`. */
  kind: string;
  text: string;
  detail: string;
  /** Where it leads, or what it does. */
  to: string | (() => void);
}

/**
 * How well a text answers a query: higher is better, null is not at all. Every word of the query must be there; words at the
 * beginning of a word count more, and so do shorter texts.
 */
export function scoreMatch(text: string, query: string): number | null {
  const target = text.toLowerCase();
  let score = 0;
  for (const word of query.toLowerCase().split(/\s+/).filter(Boolean)) {
    const at = target.indexOf(word);
    if (at === -1) return null;
    score += at === 0 ? 3 : /[^\p{L}\p{N}]/u.test(target.charAt(at - 1)) ? 2 : 1;
  }
  return score - target.length / 1000;
}

/** The entries that answer a query, best first, `limit` at most; all of them in their own order for an empty one. */
export function filterEntries(entries: readonly PaletteEntry[], query: string, limit: number): PaletteEntry[] {
  if (query.trim() === '') return entries.slice(0, limit);
  const scored = entries.flatMap((entry) => {
    const score = scoreMatch(`${entry.text} ${entry.detail} ${entry.kind}`, query);
    return score === null ? [] : [{ entry, score }];
  });
  return scored
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry)
    .slice(0, limit);
}
