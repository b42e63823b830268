import { createHmac, timingSafeEqual } from 'node:crypto';
import { PluginError, type Delivery } from '#plugins/api';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/;

/**
 * Throws `unauthorized` unless the body is signed with one of the secrets. Source:
 * https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export function verifySignature({ headers, body }: Delivery, secrets: readonly string[]): void {
  const given = signatureOf(headers);
  // With an empty secret anybody could sign.
  const usable = secrets.filter((secret) => secret !== '');
  if (usable.length === 0) throw refusal('there is no secret to check its signature with: set up the hook with one');
  // All are tried, so that the time says nothing of which one fits.
  const fits = usable.map((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), given));
  if (!fits.includes(true)) throw refusal('its signature does not fit: the secret of the hook at GitHub is not the one known here');
}

function signatureOf(headers: Delivery['headers']): Buffer {
  const header = headers['x-hub-signature-256'];
  if (header === undefined) {
    const old = headers['x-hub-signature'] !== undefined;
    throw refusal(old ? 'it is signed with SHA-1 only (X-Hub-Signature-256 is missing)' : 'it is not signed: give the hook at GitHub a secret');
  }
  const [, digest] = SIGNATURE.exec(header) ?? [];
  if (digest === undefined) throw refusal('its signature is malformed: X-Hub-Signature-256 must be sha256= and 64 hexadecimal digits');
  return Buffer.from(digest, 'hex');
}

function refusal(why: string): PluginError {
  return new PluginError('unauthorized', `The delivery is refused: ${why}.`);
}
