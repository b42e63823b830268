/** Frequent mistakes that are too far from the right key to be found by their letters. */
export const MISSPELLINGS: ReadonlyMap<string, string> = new Map<string, string>([]);
