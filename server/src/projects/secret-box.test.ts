import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { temporaryFolder, type TemporaryFolder } from '../../../test/support/temporary.ts';
import { SecretBox } from './secret-box.ts';

let folder: TemporaryFolder;

beforeEach(async () => {
  folder = await temporaryFolder();
});

afterEach(async () => {
  await folder.remove();
});

test.each(['', 'secret', 'ümlaut ☃ 💥', 'lines\n\0\n', 'x'.repeat(100_000)])(
  'what is sealed opens again, in the next process too: %#',
  async (text) => {
    const sealed = (await SecretBox.open(folder.path)).seal(text, 'table/1/column');
    expect((await SecretBox.open(folder.path)).unseal(sealed, 'table/1/column')).toBe(text);
    if (text !== '') expect(sealed.includes(text)).toBe(false);
  },
);

test('the same text is never sealed the same way twice', async () => {
  const box = await SecretBox.open(folder.path);
  expect(box.seal('a', 'b').equals(box.seal('a', 'b'))).toBe(false);
});

test('a value moved to another row does not open', async () => {
  const box = await SecretBox.open(folder.path);
  const sealed = box.seal('text', 'project_secrets/1/KEY');
  for (const place of ['project_secrets/2/KEY', 'project_secrets/1/OTHER', '']) expect(() => box.unseal(sealed, place)).toThrow('enter it again');
});

test('a value sealed with another key does not open', async () => {
  const sealed = (await SecretBox.open(join(folder.path, 'one'))).seal('text', 'place');
  const other = await SecretBox.open(join(folder.path, 'other'));
  expect(() => other.unseal(sealed, 'place')).toThrow(expect.objectContaining({ code: 'corrupt' }));
});

test('no byte of a sealed value may change, and none may be missing', async () => {
  const box = await SecretBox.open(folder.path);
  const sealed = box.seal('text', 'place');
  for (let at = 0; at < sealed.length; at += 1) {
    const changed = Buffer.from(sealed);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => box.unseal(changed, 'place'), `byte ${at}`).toThrow(expect.objectContaining({ code: 'corrupt' }));
    expect(() => box.unseal(sealed.subarray(0, at), 'place'), `first ${at}`).toThrow(expect.objectContaining({ code: 'corrupt' }));
  }
});

test('the error does not hold the secret', async () => {
  const box = await SecretBox.open(folder.path);
  expect(() => box.unseal(box.seal('very-secret', 'here'), 'there')).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining('very-secret') }),
  );
});

test('many that start at once agree on one key, which nobody else may read', async () => {
  const boxes = await Promise.all(Array.from({ length: 12 }, () => SecretBox.open(folder.path)));
  const sealed = boxes[0]?.seal('text', 'place') ?? Buffer.alloc(0);
  for (const box of boxes) expect(box.unseal(sealed, 'place')).toBe('text');
  expect(await readdir(folder.path)).toEqual(['secret.key']);
  expect((await stat(join(folder.path, 'secret.key'))).mode & 0o777).toBe(0o600);
});

test('a key file that is none is refused and left as it is', async () => {
  await writeFile(join(folder.path, 'secret.key'), 'short');
  await expect(SecretBox.open(folder.path)).rejects.toMatchObject({ code: 'corrupt', message: expect.stringContaining('backup') });
  expect(await readFile(join(folder.path, 'secret.key'), 'utf8')).toBe('short');
});

test('keys for other purposes differ from each other and stay the same', async () => {
  const [box, again] = [await SecretBox.open(folder.path), await SecretBox.open(folder.path)];
  expect(box.derive('sessions')).toBe(again.derive('sessions'));
  expect(box.derive('sessions')).not.toBe(box.derive('other'));
  expect(box.derive('sessions')).not.toContain((await readFile(join(folder.path, 'secret.key'))).toString('base64url'));
});
