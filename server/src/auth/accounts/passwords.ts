import { randomBytes } from 'node:crypto';
import { hash, verify } from '@node-rs/argon2';

/** Argon2id as the OWASP Password Storage Cheat Sheet asks for at least: 19 MiB, two passes, one lane. */
const COST = { memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/** The beginning of every hash that was made as we make them now. */
const CURRENT = `$argon2id$v=19$m=${COST.memoryCost},t=${COST.timeCost},p=${COST.parallelism}$`;

let nobodys: Promise<string> | null = null;

/** A password's hash in PHC form, with its parameters and a salt of its own. */
export async function hashPassword(password: string): Promise<string> {
  return await hash(password.normalize(), COST);
}

/**
 * Whether a password is the one that `stored` was made from. `stored` null, for an account without a password or one that is not there, takes as long and is
 * never right.
 */
export async function isPassword(stored: string | null, password: string): Promise<boolean> {
  if (stored !== null) return await verify(stored, password.normalize());
  nobodys ??= hashPassword(randomBytes(32).toString('base64'));
  await verify(await nobodys, password.normalize());
  return false;
}

/** Whether a hash was made with other parameters than ours now, and is to be made anew when its password is at hand. Pure. */
export function isOutdated(stored: string): boolean {
  return !stored.startsWith(CURRENT);
}
