import { describe, expect, it } from 'vitest';
import { filterEntries, type PaletteEntry } from './palette.ts';

const entries: PaletteEntry[] = ['attrs', 'cattrs', 'six settings', 'six'].map((text) => ({ key: text, kind: 'Project', text, detail: '', to: '/' }));
const found = (query: string): string[] => filterEntries(entries, query, 3).map((entry) => entry.text);

describe('filterEntries', () => {
  it('puts what begins with the query first, then shorter names', () => expect(found('attrs')).toEqual(['attrs', 'cattrs']));
  it('wants every word, in any order', () => expect(found('SETT six')).toEqual(['six settings']));
  it('prefers the shorter of equals', () => expect(found('six')).toEqual(['six', 'six settings']));
  it('gives the first ones for an empty query', () => expect(found(' ')).toHaveLength(3));
});
