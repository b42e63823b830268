import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { csvRow } from './csv.ts';

/** Reads one row as RFC 4180 says; an apostrophe before a formula is taken away. */
function read(row: string): string[] {
  const cells: string[] = [];
  let rest = row;
  while (rest !== '\r\n') {
    const quoted = /^"((?:[^"]|"")*)"/.exec(rest);
    const cell = quoted ? (quoted[1] ?? '').replaceAll('""', '"') : (/^[^,\r\n]*/.exec(rest)?.[0] ?? '');
    cells.push(cell);
    rest = rest.slice(quoted ? quoted[0].length : cell.length).replace(/^,(?=\r\n$)/, ',""');
    if (rest.startsWith(',')) rest = rest.slice(1);
  }
  return cells;
}

test('whatever is in the cells is read back, but for what would be a formula', () => {
  const cell = fc.oneof(fc.string(), fc.stringMatching(/^[=+\-@",\r\n\t a]{0,6}$/));
  fc.assert(
    fc.property(fc.array(cell, { minLength: 1 }), (cells) => {
      const row = csvRow([...cells, 'end']);
      expect(read(row)).toEqual([...cells.map((text) => (/^[=+\-@\t\r\n]/.test(text) ? `'${text}` : text)), 'end']);
    }),
    { numRuns: 500 },
  );
});

test('a formula of a stranger is text', () => {
  expect(csvRow([1, '=HYPERLINK("http://x","y")', '-2+3', '@SUM(A1)', '+1', 'a=b'])).toBe(
    `1,"'=HYPERLINK(""http://x"",""y"")",'-2+3,'@SUM(A1),'+1,a=b\r\n`,
  );
});
