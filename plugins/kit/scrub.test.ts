import { describe, expect, it } from 'vitest';
import { scrub } from './scrub.ts';

describe('scrub', () => {
  it('removes secrets in every form they travel in', () => {
    const secret = 'pä ss/word';
    const text = `a ${secret} b ${encodeURIComponent(secret)} c ${Buffer.from(secret).toString('base64')} d https://u:other@x/`;
    expect(scrub(text, [secret, ''])).toBe('a *** b *** c *** d https://x/');
  });

  it('removes terminal codes and keeps the end', () => {
    expect(scrub('\u001b[31mred\r\nnext\n', [])).toBe('[31mred; next');
    expect(scrub('x'.repeat(1000), [])).toHaveLength(600);
  });
});
