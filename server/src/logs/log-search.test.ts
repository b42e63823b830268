import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LineSearch } from './log-search.ts';

function search(text: string, log: Buffer, chunk: number): { total: number; lines: readonly number[] } {
  const lines = new LineSearch(text);
  for (let at = 0; at < log.length; at += chunk) lines.push(log.subarray(at, at + chunk));
  return lines.end();
}

describe('LineSearch', () => {
  it.each([
    ['error', 'ok\nERROR here\nno Error and error\nerro\nr', [1, 2]],
    ['x', 'x', [0]],
    ['x', 'a\n\nX\n', [2]],
    ['übung', 'ÜBUNG\nubung\nÜbung', [0, 2]],
    ['straße', 'STRASSE\nStraße\nStrase', [0, 1]],
    ['strasse', 'STRASSE\nStraße', [0]],
    ['ß', 'a\nẞ\nß\nsS', [2, 3]],
    ['σς', 'ΣΣ\nσς\nσ ς', [0, 1]],
    ['aab', 'aaab\naa\nb\naAB', [0, 3]],
    ['𝄞é', '𝄞𝄞É\n𝄞', [0]],
    ['[32m', '\u001b[32mPASSED\n', [0]],
    ['ab', 'a\nb', []],
  ])('finds %j in %j', (text, log, lines) => {
    for (const chunk of [1, 2, 3, 1000]) expect(search(text, Buffer.from(log), chunk)).toEqual({ total: lines.length, lines });
  });

  it.each(['', 'a\nb'])('refuses %j, which no line can contain', (text) => {
    expect(() => new LineSearch(text)).toThrow(expect.objectContaining({ code: 'invalid' }));
  });

  it('finds what a search line by line finds, however the log is cut', () => {
    const letters = fc.constantFrom('a', 'A', 'b', 'é', 'É', '\n');
    const texts = fc.string({ unit: fc.constantFrom('a', 'B', 'é'), minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(texts, fc.string({ unit: letters, maxLength: 120 }), fc.integer({ min: 1, max: 50 }), (text, log, chunk) => {
        const expected = log.split('\n').flatMap((line, number) => (line.toLowerCase().includes(text.toLowerCase()) ? [number] : []));
        expect(search(text, Buffer.from(log), chunk).lines).toEqual(expected);
      }),
      { numRuns: 2000 },
    );
  });

  it('is not led astray by what is no UTF-8', () => {
    const [é, a] = [[0xc3, 0xa9], [0x61]];
    const lines = [
      [0xc3, ...é, ...a],
      [...é, 0xa9, ...a],
      [0xe2, 0x82, ...é, ...a],
      [0xff, 0xf0, 0x9f, ...é, ...a, 0xc3],
      [0xc3, 0x0a],
      [0xa9, ...a],
      [...é],
    ];
    const log = Buffer.from(lines.flatMap((line) => [...line, 0x0a]));
    for (const chunk of [1, 2, 3, 1000]) expect(search('éa', log, chunk).lines).toEqual([0, 2, 3]);
  });

  it('takes no longer for a text that nearly fits everywhere', () => {
    const text = `${'a'.repeat(250)}b${'a'.repeat(249)}`;
    const megabyte = Buffer.alloc(1_048_576, 'a');
    const lines = new LineSearch(text);
    // Comparing the text at each place would take most of a minute.
    for (let count = 0; count < 16; count += 1) lines.push(megabyte);
    lines.push(Buffer.from(`\n${text}`));
    expect(lines.end()).toEqual({ total: 1, lines: [1] });
  });

  it('counts all lines but names the first 10,000', () => {
    const found = search('y', Buffer.from('y\n'.repeat(10_005)), 5000);
    expect(found.total).toBe(10_005);
    expect(found.lines).toHaveLength(10_000);
    expect(found.lines.at(-1)).toBe(9999);
  });
});
