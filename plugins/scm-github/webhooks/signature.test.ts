import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { sign } from '@octokit/webhooks-methods';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { Delivery } from '#plugins/api';
import { delivery } from '../testing/deliveries.ts';
import { signedDelivery } from '../testing/fake-github.ts';
import { verifySignature } from './signature.ts';

const VECTORS = fileURLToPath(new URL('../../../../shared/corpus/webhooks/SIGNATURE_VECTORS.json', import.meta.url));
const Vector = z.object({ provider: z.string(), header: z.string(), secret: z.string(), body_utf8: z.string(), expect: z.string() });

describe('a signature', () => {
  const good = delivery('ping', {});

  it('is taken with any of several secrets, over the raw body', async () => {
    verifySignature(good, ['old', 'secret']);
    const body = Buffer.from([0xff, 0x00, 0x7b, 0x0a]);
    const text = 'grüße\r\n{"a": 1}';
    verifySignature({ headers: { 'x-hub-signature-256': await sign('s', text) }, body: Buffer.from(text) }, ['s']);
    expect(() => verifySignature({ ...good, body }, ['secret'])).toThrow('does not fit');
  });

  it.each([
    ['of another secret', good, ['other'], 'does not fit'],
    ['without any secret', good, [], 'no secret'],
    ['with an empty secret', { ...good, headers: signedDelivery({ secret: '', event: 'ping', payload: {} }).headers }, [''], 'no secret'],
    ['that is missing', { ...good, headers: {} }, ['secret'], 'not signed'],
    ['of SHA-1 only', { ...good, headers: { 'x-hub-signature': good.headers['x-hub-signature'] ?? '' } }, ['secret'], 'SHA-1'],
    ['in the wrong header', { ...good, headers: { 'x-hub-signature': good.headers['x-hub-signature-256'] ?? '' } }, ['secret'], 'SHA-1'],
    ['without its prefix', { ...good, headers: { 'x-hub-signature-256': 'f'.repeat(64) } }, ['secret'], 'malformed'],
    ['that is too short', { ...good, headers: { 'x-hub-signature-256': `sha256=${'f'.repeat(62)}` } }, ['secret'], 'malformed'],
    ['in two parts', { ...good, headers: { 'x-hub-signature-256': `${good.headers['x-hub-signature-256']}, x` } }, ['secret'], 'malformed'],
    ['of a changed body', { ...good, body: Buffer.from('{ }') }, ['secret'], 'does not fit'],
  ])('%s is refused', (_, sent: Delivery, secrets: string[], reason) => {
    const refuse = (): void => verifySignature(sent, secrets);
    expect(refuse).toThrow(expect.objectContaining({ code: 'unauthorized', message: expect.stringContaining(reason) }));
  });

  it('fits the known vectors', ({ skip }) => {
    skip(!existsSync(VECTORS), 'no corpus');
    const vectors = z.array(Vector).parse(JSON.parse(readFileSync(VECTORS, 'utf8')));
    const ours = vectors.filter(({ provider }) => provider === 'github');
    expect(ours).not.toEqual([]);
    for (const { header, secret, body_utf8: body, expect: value } of ours)
      verifySignature({ headers: { [header.toLowerCase()]: value }, body: Buffer.from(body) }, [secret]);
  });
});
