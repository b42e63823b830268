import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Delivery } from '#plugins/api';
import { verifySignature } from './signature.ts';
import { corpusFile, hasCorpus } from './testing/corpus.ts';
import { sign } from './testing/courier.ts';

const SECRET = 'a long and random secret';
const delivery: Delivery = { headers: { 'x-event-key': 'repo:push' }, body: Buffer.from('{"push": "é"}') };

function withSignature(signature: string, name = 'x-hub-signature'): Delivery {
  return { ...delivery, headers: { ...delivery.headers, [name]: signature } };
}

describe('a signature', () => {
  it('is taken if it was made with one of the secrets', () => {
    expect(() => verifySignature(sign(delivery, SECRET), [SECRET])).not.toThrow();
    expect(() => verifySignature(sign(delivery, SECRET), ['an older one', SECRET])).not.toThrow();
    const capitals = sign(delivery, SECRET).headers['x-hub-signature']?.replace(/(?<==).*/, (hex) => hex.toUpperCase()) ?? '';
    expect(() => verifySignature(withSignature(capitals), [SECRET])).not.toThrow();
  });

  it.each([
    ['missing', delivery, [SECRET], 'not signed'],
    ['by another secret', sign(delivery, 'another'), [SECRET, 'a third'], 'does not fit'],
    ['of another body', { ...sign(delivery, SECRET), body: Buffer.from('{"push": "e"}') }, [SECRET], 'does not fit'],
    ['of SHA-1', withSignature('sha1=3f0ae9d4b6a0d1a8b9f2f4a2b1c0d9e8f7a6b5c4'), [SECRET], 'another kind'],
    ['without its kind', withSignature('0'.repeat(64)), [SECRET], 'another kind'],
    ['too short', withSignature(`sha256=${'0'.repeat(62)}`), [SECRET], 'another kind'],
    ['too long', withSignature(`sha256=${'0'.repeat(66)}`), [SECRET], 'another kind'],
    ['empty', withSignature(''), [SECRET], 'another kind'],
    ["in GitHub's header", withSignature(sign(delivery, SECRET).headers['x-hub-signature'] ?? '', 'x-hub-signature-256'), [SECRET], 'not signed'],
    ['where no secret is known', sign(delivery, SECRET), [], 'No secret'],
    ['with the empty secret', sign(delivery, ''), [''], 'No secret'],
  ])('is refused: %s', (_title, given, secrets, words) => {
    const refused = expect.objectContaining({ code: 'unauthorized', message: expect.stringContaining(words) });
    expect(() => verifySignature(given, secrets)).toThrow(refused);
  });

  it.skipIf(!hasCorpus())('is the one that Bitbucket itself has published (skipped: no corpus)', async () => {
    const Vector = z.object({ provider: z.string(), secret: z.string(), body_utf8: z.string(), expect: z.string() });
    const vectors = z.array(Vector).parse(JSON.parse(await readFile(corpusFile('SIGNATURE_VECTORS.json'), 'utf8')));
    const ours = vectors.filter(({ provider }) => provider.startsWith('bitbucket'));
    expect(ours.length).toBeGreaterThan(0);
    for (const { secret, body_utf8, expect: signature } of ours) {
      const given: Delivery = { headers: { 'x-hub-signature': signature }, body: Buffer.from(body_utf8) };
      expect(() => verifySignature(given, [secret])).not.toThrow();
    }
  });
});
