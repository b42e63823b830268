import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { chmod, link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CoreError, isSystemError } from '../common/errors.ts';

const KEY_BYTES = 32;
const ID_BYTES = 4;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Values of version 1 do not say which key they were sealed with. */
const VERSION = { anyKey: 1, namedKey: 2 } as const;

/** The key in use, and the one before it, for what was sealed before it was changed. */
interface Keys {
  readonly current: Buffer;
  readonly previous: Buffer | null;
}

/**
 * Seals what the database must not show: AES-256-GCM, the key in a file of the data folder (`secret.key`; the one before it in `secret.key.previous`). `place` (table,
 * row and column) is authenticated with it, so that a sealed value moved to another row does not open. Layout: version 2, key's id (4), nonce (12), tag (16),
 * ciphertext.
 */
export class SecretBox {
  private constructor(
    private readonly folder: string,
    private keys: Keys,
  ) {}

  /** Reads the key of the folder, making one (mode 0600) at the first start. */
  static async open(folder: string): Promise<SecretBox> {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    if (readKey(join(folder, CURRENT)) === null) await makeKey(folder);
    return new SecretBox(folder, readKeys(folder));
  }

  /** A key for another purpose, of which nothing about this one can be learnt. */
  derive(purpose: string): string {
    return Buffer.from(hkdfSync('sha256', this.keys.current, '', `terrarium ${purpose}`, KEY_BYTES)).toString('base64url');
  }

  /** With the key that is in use now, whoever changed it: one of two changes ago would open nothing any more. */
  seal(text: string, place: string): Buffer {
    this.keys = readKeys(this.folder);
    const { current } = this.keys;
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', current, nonce, { authTagLength: TAG_BYTES });
    cipher.setAAD(Buffer.from(place));
    const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
    return Buffer.concat([Buffer.of(VERSION.namedKey), idOf(current), nonce, cipher.getAuthTag(), body]);
  }

  /** Throws `corrupt` if the value was sealed with another key, for another place, or changed. */
  unseal(sealed: Buffer, place: string): string {
    try {
      return open(sealed, place, this.keysFor(sealed));
    } catch (error) {
      throw new CoreError(
        'corrupt',
        `A stored secret (${place}) does not open with this data folder's secret.key: enter it again, or put the key back.`,
        { cause: error },
      );
    }
  }

  /** Whether a value is sealed with the key in use, and says so. */
  isCurrent(sealed: Buffer): boolean {
    this.keys = readKeys(this.folder);
    return sealed[0] === VERSION.namedKey && sealed.subarray(1, 1 + ID_BYTES).equals(idOf(this.keys.current));
  }

  /**
   * Seals with a new key from now on; what is sealed with the one until now still opens. The one before that is gone: nothing may be sealed with it any more.
   * Other servers on the folder find the new key when they first need it.
   */
  async changeKey(): Promise<void> {
    this.keys = readKeys(this.folder);
    // The old key is safe before the new one takes its place: whatever ends this process, everything still opens.
    await writeKey(this.folder, PREVIOUS, this.keys.current);
    await writeKey(this.folder, CURRENT, randomBytes(KEY_BYTES));
    this.keys = readKeys(this.folder);
  }

  /** The keys that may open a value. One that is not known yet may have been made by another server since. */
  private keysFor(sealed: Buffer): Buffer[] {
    if (sealed[0] !== VERSION.namedKey) return all(this.keys);
    const id = sealed.subarray(1, 1 + ID_BYTES);
    const known = all(this.keys).filter((key) => idOf(key).equals(id));
    if (known.length > 0) return known;
    this.keys = readKeys(this.folder);
    return all(this.keys).filter((key) => idOf(key).equals(id));
  }
}

const CURRENT = 'secret.key';
const PREVIOUS = 'secret.key.previous';

function all({ current, previous }: Keys): Buffer[] {
  return previous === null ? [current] : [current, previous];
}

/** Of a key, nothing that helps to guess it. */
function idOf(key: Buffer): Buffer {
  return createHash('sha256').update('terrarium key id').update(key).digest().subarray(0, ID_BYTES);
}

function open(sealed: Buffer, place: string, keys: readonly Buffer[]): string {
  const start = sealed[0] === VERSION.namedKey ? 1 + ID_BYTES : 1;
  if (sealed[0] !== VERSION.namedKey && sealed[0] !== VERSION.anyKey) throw new Error(`unknown version ${sealed[0]}`);
  const failures: unknown[] = [new Error('no key here is the one that it was sealed with')];
  for (const key of keys) {
    try {
      return decipher(sealed.subarray(start), place, key);
    } catch (error) {
      failures.push(error);
    }
  }
  throw failures.at(-1);
}

function decipher(sealed: Buffer, place: string, key: Buffer): string {
  const opener = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  opener.setAAD(Buffer.from(place));
  opener.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([opener.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), opener.final()]).toString('utf8');
}

function readKeys(folder: string): Keys {
  const current = readKey(join(folder, CURRENT));
  if (current === null) throw new CoreError('corrupt', `${join(folder, CURRENT)} is gone: put it back from a backup.`);
  return { current, previous: readKey(join(folder, PREVIOUS)) };
}

function readKey(path: string): Buffer | null {
  const key = readIfThere(path);
  if (key !== null && key.length !== KEY_BYTES)
    throw new CoreError('corrupt', `${path} is not a key of ${KEY_BYTES} bytes: put the right one back from a backup.`);
  return key;
}

function readIfThere(path: string): Buffer | null {
  try {
    return readFileSync(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return null;
    throw error;
  }
}

async function makeKey(folder: string): Promise<void> {
  const draft = await writeDraft(folder, randomBytes(KEY_BYTES));
  // A link refuses to replace: of two processes that start at once, both go on with the same key.
  await link(draft, join(folder, CURRENT)).catch((error: unknown) => {
    if (!isSystemError(error, 'EEXIST')) throw error;
  });
  await rm(draft);
}

/** Whole or not at all. */
async function writeKey(folder: string, name: string, key: Buffer): Promise<void> {
  await rename(await writeDraft(folder, key), join(folder, name));
}

async function writeDraft(folder: string, key: Buffer): Promise<string> {
  const draft = join(folder, `${CURRENT}.${randomUUID()}`);
  await writeFile(draft, key, { mode: 0o600, flush: true });
  await chmod(draft, 0o600);
  return draft;
}
