import { createHmac, timingSafeEqual } from 'node:crypto';
import { PluginError, type Delivery } from '#plugins/api';

/**
 * Throws `unauthorized` unless the delivery is signed with one of the secrets: `X-Hub-Signature: sha256=HEX`, the HMAC of the raw body. Cloud and Data Center
 * alike (support.atlassian.com, "Manage webhooks"; confluence.atlassian.com, "Event payload"). GitHub's old SHA-1 came in a header of the same name.
 */
export function verifySignature({ headers, body }: Delivery, secrets: readonly string[]): void {
  const header = headers['x-hub-signature'];
  if (header === undefined) throw new PluginError('unauthorized', 'The delivery is not signed: give the webhook a secret at Bitbucket.');
  const given = /^sha256=([0-9a-fA-F]{64})$/.exec(header)?.[1];
  if (given === undefined)
    throw new PluginError('unauthorized', 'The signature is of another kind than Bitbucket’s: it must be sha256=… in X-Hub-Signature.');
  // Anybody can sign with an empty secret.
  const known = secrets.filter((secret) => secret !== '');
  if (known.length === 0) throw new PluginError('unauthorized', 'No secret is known for this webhook here: set it up anew.');
  const signature = Buffer.from(given, 'hex');
  const fits = known.map((secret) => timingSafeEqual(createHmac('sha256', secret).update(body).digest(), signature));
  if (!fits.includes(true))
    throw new PluginError('unauthorized', 'The signature does not fit: the webhook has another secret at Bitbucket than here.');
}
