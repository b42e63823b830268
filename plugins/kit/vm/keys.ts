import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';

const TYPE = 'ssh-ed25519';

/** An Ed25519 key as SSH uses it. */
export interface SshKey {
  /** The private and the public half, 32 bytes each. */
  readonly raw: { readonly privateKey: Uint8Array; readonly publicKey: Uint8Array };
  /** As `authorized_keys` and `known_hosts` have it: `ssh-ed25519 AAAA...`. */
  readonly publicLine: string;
  /** `SHA256:...`, as OpenSSH shows it. */
  readonly fingerprint: string;
  /** OpenSSH's private key file, without a passphrase. */
  readonly privateText: string;
}

/** Makes a new key pair. */
export function newSshKey(): SshKey {
  const { privateKey: made } = generateKeyPairSync('ed25519');
  const { d = '', x = '' } = made.export({ format: 'jwk' });
  const [privateKey, publicKey] = [Buffer.from(d, 'base64url'), Buffer.from(x, 'base64url')];
  const blob = Buffer.concat([text(TYPE), text(publicKey)]);
  return {
    raw: { privateKey, publicKey },
    publicLine: `${TYPE} ${blob.toString('base64')}`,
    fingerprint: `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`,
    privateText: opensshFile(privateKey, publicKey, blob),
  };
}

/** The format `openssh-key-v1` (OpenSSH's PROTOCOL.key), unencrypted: padded to 8 bytes by 1, 2, 3 ... */
function opensshFile(privateKey: Buffer, publicKey: Buffer, blob: Buffer): string {
  const check = randomBytes(4);
  const secret = Buffer.concat([check, check, text(TYPE), text(publicKey), text(Buffer.concat([privateKey, publicKey])), text('')]);
  const padding = Buffer.from(Array.from({ length: (8 - (secret.length % 8)) % 8 }, (_, index) => index + 1));
  const count = Buffer.from([0, 0, 0, 1]);
  const whole = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    text('none'),
    text('none'),
    text(''),
    count,
    text(blob),
    text(Buffer.concat([secret, padding])),
  ]);
  const lines = whole.toString('base64').match(/.{1,70}/g) ?? [];
  return ['-----BEGIN OPENSSH PRIVATE KEY-----', ...lines, '-----END OPENSSH PRIVATE KEY-----', ''].join('\n');
}

/** An SSH string: its length in four bytes, then itself. */
function text(content: string | Buffer): Buffer {
  const bytes = Buffer.from(content);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}
