import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Masker } from './masker.ts';
import { secretPatterns } from './patterns.ts';

function mask(value: string, text: string): string {
  const masker = new Masker(secretPatterns([{ name: 'S', value }]).patterns, 0);
  return Buffer.concat([...masker.push(Buffer.from(text)), ...masker.end()].map((piece) => piece.bytes)).toString();
}

const VALUE = `p@ss "w0rd"/it's+50%`;
const KEY = `-----BEGIN KEY-----\n${'MIIEvQIBADANBgkqhkiG9w0B'.repeat(4)}\nend=\n-----END KEY-----\n`;

describe('secretPatterns', () => {
  it.each([
    ['as it is', VALUE],
    ['encodeURIComponent', encodeURIComponent(VALUE)],
    ['lower-case hex', encodeURIComponent(VALUE).replaceAll(/%../g, (hex) => hex.toLowerCase())],
    ['a form', new URLSearchParams([['', VALUE]]).toString().slice(1)],
    ["Python's quote", 'p%40ss%20%22w0rd%22/it%27s%2B50%25'],
    ['JSON', JSON.stringify(VALUE).slice(1, -1)],
    ['JSON by PHP', JSON.stringify(VALUE).slice(1, -1).replaceAll('/', '\\/')],
    ["a shell's single quotes", VALUE.replaceAll("'", "'\\''")],
    ["shlex.quote's", VALUE.replaceAll("'", `'"'"'`)],
    ["a shell's double quotes", VALUE.replaceAll('"', '\\"')],
    ['base64', Buffer.from(VALUE).toString('base64')],
  ])('knows %s', (_, form) => {
    expect(mask(VALUE, `<${form}>`)).toBe('<[secure]>');
  });

  it('knows text beyond ASCII as Python writes it in JSON', () => {
    expect(mask('pässwort', '"p\\u00e4sswort"')).toBe('"[secure]"');
  });

  it('finds a value within base64 data, whatever stands around it, so that less than three bytes at its ends can be read', () => {
    const bytes = fc.uint8Array({ maxLength: 20 });
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme-ascii', minLength: 8, maxLength: 40 }).filter((text) => text.trim() === text),
        bytes,
        bytes,
        fc.boolean(),
        (value, before, after, url) => {
          const data = Buffer.concat([before, Buffer.from(value), after]);
          const text = data.toString(url ? 'base64url' : 'base64');
          const kept = mask(value, text).split('[secure]').join('').length;
          expect(kept).toBeLessThanOrEqual(Math.ceil((before.length + after.length) / 3) * 4 + 8);
          expect(mask(value, text)).toContain('[secure]');
        },
      ),
    );
  });

  it('finds a key as a whole, line by line, through a terminal, and wrapped in base64', () => {
    expect(mask(KEY, `${KEY}x`)).toBe('[secure]\nx');
    expect(mask(KEY, KEY.replaceAll('\n', '\r\n'))).toBe('[secure]\r\n');
    expect(mask(KEY, `+ ${'MIIEvQIBADANBgkqhkiG9w0B'.repeat(4)} +`)).toBe('+ [secure] +');
    const wrapped = Buffer.from(KEY.trim()).toString('base64').replaceAll(/.{76}/g, '$&\n');
    expect(mask(KEY, wrapped).replaceAll('\n', '')).toBe('[secure][secure][secure]');
  });

  it.each(['', '  ', 'abc', ' abc ', 'true', 'False', 'NULL'])('refuses %j and names the secret, not the value', (value) => {
    const { patterns, warnings } = secretPatterns([{ name: 'TOKEN', value }]);
    expect(patterns).toEqual([]);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^The secret TOKEN is not masked in the log: /);
  });

  it('leaves short lines of a long value alone', () => {
    expect(mask('{\n  "token": "abcdefgh"\n}', '{ } "token": "abcdefgh"')).toBe('{ } [secure]');
  });
});
