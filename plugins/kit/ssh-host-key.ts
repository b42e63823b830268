import { createHash } from 'node:crypto';
import type { ServerHostKeyAlgorithm } from 'ssh2';
import { PluginError } from '#plugins/api';

/** A pinned host key: what it must hash to, and, where it is known, which kind it is so that the server can be asked for that one. */
export interface HostKey {
  /** `SHA256:` and unpadded base64, as `ssh-keygen -l` prints it. */
  readonly fingerprint: string;
  /** `ssh-ed25519`, `ssh-rsa`, ...; null where only the fingerprint was given. */
  readonly type: string | null;
}

const FINGERPRINT = /^SHA256:[A-Za-z0-9+/]{43}=?$/;
const KEY = /(?:^|\s)(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521))\s+([A-Za-z0-9+/]+={0,2})(?:\s|$)/;

/**
 * Reads a pinned host key: a fingerprint (`SHA256:...`), a line of a known_hosts file (its host names are not looked at: a pin belongs to
 * the host it is configured for), or a public key file's line. Throws `invalid` for anything else.
 */
export function parseHostKey(text: string): HostKey {
  const line = text.trim();
  if (FINGERPRINT.test(line)) return { fingerprint: line.replace(/=$/, ''), type: null };
  const [, type, blob] = (line.startsWith('@') ? null : KEY.exec(line)) ?? [];
  if (type === undefined || blob === undefined) {
    throw new PluginError('invalid', 'The host key is neither a fingerprint (SHA256:...) nor a line of known_hosts (name type key).');
  }
  const key = Buffer.from(blob, 'base64');
  if (keyType(key) !== type) throw new PluginError('invalid', `The host key says it is ${type}, but its base64 part holds no such key.`);
  return { fingerprint: fingerprintOf(key), type };
}

/** The fingerprint of a public key in wire form, as `ssh-keygen -l` prints it. */
export function fingerprintOf(key: Uint8Array): string {
  return `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
}

/** The kind a public key in wire form names itself (RFC 4253, 6.6: a length and a string come first); null if there is none. */
function keyType(key: Buffer): string | null {
  if (key.length < 4) return null;
  const length = key.readUInt32BE(0);
  return key.length >= 4 + length ? key.toString('latin1', 4, 4 + length) : null;
}

const ALGORITHMS: Readonly<Record<string, readonly ServerHostKeyAlgorithm[]>> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
};

/**
 * The signature algorithms to ask a server for, so that one with several keys shows a pinned one; null: whatever it prefers, because the
 * kind of some pin is not known.
 */
export function hostKeyAlgorithms(keys: readonly HostKey[]): ServerHostKeyAlgorithm[] | null {
  const lists = keys.map((key) => (key.type === null ? undefined : ALGORITHMS[key.type]));
  return lists.some((list) => list === undefined) ? null : lists.flatMap((list) => list ?? []);
}
