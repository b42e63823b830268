import { Masker } from '../logs/masker.ts';
import { secretPatterns } from '../logs/patterns.ts';
import type { Secret } from '../logs/types.ts';

/** Takes secrets out of texts as the log's masker takes them out of the log. */
export function maskOf(secrets: readonly Secret[]): (text: string) => string {
  const { patterns } = secretPatterns(secrets);
  if (patterns.length === 0) return (text) => text;
  return (text) => {
    const bytes = Buffer.from(text, 'utf8');
    // Nearly no text holds one, and a masker takes a while to be made.
    if (!patterns.some((pattern) => bytes.includes(pattern))) return text;
    const masker = new Masker(patterns, 0);
    return Buffer.concat([...masker.push(bytes), ...masker.end()].map((piece) => piece.bytes)).toString('utf8');
  };
}
