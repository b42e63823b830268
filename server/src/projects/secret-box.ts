import { createCipheriv, createDecipheriv, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { chmod, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError, isSystemError } from '../common/errors.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const VERSION = 1;

/**
 * Seals what the database must not show: AES-256-GCM, the key in a file of the data folder. `place` (table, row and column) is authenticated with
 * it, so that a sealed value moved to another row does not open. Layout: version, nonce (12), tag (16), ciphertext.
 */
export class SecretBox {
  private constructor(private readonly key: Buffer) {}

  /** Reads the key of the folder, making one (mode 0600) at the first start. */
  static async open(folder: string): Promise<SecretBox> {
    const path = join(folder, 'secret.key');
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const key = (await readKey(path)) ?? (await makeKey(path));
    if (key.length !== KEY_BYTES) throw new CoreError('corrupt', `${path} is not a key of ${KEY_BYTES} bytes: put the right one back from a backup.`);
    return new SecretBox(key);
  }

  /** A key for another purpose, of which nothing about this one can be learnt. */
  derive(purpose: string): string {
    return Buffer.from(hkdfSync('sha256', this.key, '', `terrarium ${purpose}`, KEY_BYTES)).toString('base64url');
  }

  seal(text: string, place: string): Buffer {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION), nonce, cipher.getAuthTag(), body]);
  }

  /** Throws `corrupt` if the value was sealed with another key, for another place, or changed. */
  unseal(sealed: Buffer, place: string): string {
    try {
      if (sealed[0] !== VERSION) throw new Error(`unknown version ${sealed[0]}`);
      const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv('aes-256-gcm', this.key, nonce, { authTagLength: TAG_BYTES });
      decipher.setAAD(Buffer.from(place));
      decipher.setAuthTag(sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES));
      const body = sealed.subarray(1 + NONCE_BYTES + TAG_BYTES);
      return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
    } catch (error) {
      throw new CoreError(
        'corrupt',
        `A stored secret (${place}) does not open with this data folder's secret.key: enter it again, or put the key back.`,
        {
          cause: error,
        },
      );
    }
  }
}

async function readKey(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

async function makeKey(path: string): Promise<Buffer> {
  const draft = `${path}.${randomUUID()}`;
  await writeFile(draft, randomBytes(KEY_BYTES), { mode: 0o600, flush: true });
  await chmod(draft, 0o600);
  // A link refuses to replace: of two processes that start at once, both go on with the same key.
  await link(draft, path).catch((error: unknown) => {
    if (!isSystemError(error, 'EEXIST')) throw error;
  });
  await rm(draft);
  return await readFile(path);
}
