import { describe, expect, test } from 'vitest';
import { beginningFor, readSaveImage } from './save-image.ts';

const HEADER = 92;

/** As libvirt writes one: definition, cookie, and room behind them. */
function saved(definition: string, cookie: string, room = 500): Buffer {
  const header = Buffer.alloc(HEADER);
  header.write('LibvirtQemudSave');
  header.writeUInt32LE(2, 16);
  header.writeUInt32LE(room, 20);
  header.writeUInt32LE(1, 24);
  header.writeUInt32LE(cookie === '' ? 0 : definition.length + 1, 32);
  const data = Buffer.alloc(room);
  data.write(`${definition}\0${cookie}`);
  return Buffer.concat([header, data, Buffer.from('the stream of QEMU')]);
}

/** What a file is after its beginning was written over. */
function over(file: Buffer, beginning: Buffer): Buffer {
  return Buffer.concat([beginning, file.subarray(beginning.length)]);
}

describe('a saved machine', () => {
  test('is read', () => {
    const image = readSaveImage(saved('<domain/>', '<cookie/>'));
    expect(image).toMatchObject({ room: 500, definition: '<domain/>' });
    expect(image.cookie.toString()).toBe('<cookie/>');
  });

  test.each(['<d/>', `<domain>${'x'.repeat(300)}</domain>`])('gets another definition and keeps everything else', (definition) => {
    const file = saved('<domain/>', '<cookie/>');
    const changed = over(file, beginningFor(readSaveImage(file), definition));
    expect(changed).toHaveLength(file.length);
    const again = readSaveImage(changed);
    expect(again).toMatchObject({ room: 500, definition });
    expect(again.cookie.toString()).toBe('<cookie/>');
    expect(changed.readUInt32LE(24)).toBe(1);
    expect(changed.subarray(HEADER + 500).toString()).toBe('the stream of QEMU');
  });

  test('may have no cookie', () => {
    const file = saved('<domain/>', '');
    expect(readSaveImage(over(file, beginningFor(readSaveImage(file), '<other/>')))).toMatchObject({
      definition: '<other/>',
      cookie: Buffer.alloc(0),
    });
  });

  test('takes no definition that is longer than its room', () => {
    const image = readSaveImage(saved('<domain/>', '<cookie/>'));
    expect(() => beginningFor(image, 'x'.repeat(495))).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });

  test.each([
    ['nothing', (): Buffer => Buffer.alloc(0)],
    ['another file', () => Buffer.from('x'.repeat(1000))],
    ['one that was not finished', () => patched((file) => file.write('LibvirtQemudPart'))],
    ['another version', () => patched((file) => file.writeUInt32LE(3, 16))],
    ['the other order of bytes', () => patched((file) => file.writeUInt32BE(2, 16))],
    ['compression', () => patched((file) => file.writeUInt32LE(1, 28))],
    ['a cookie outside', () => patched((file) => file.writeUInt32LE(500, 32))],
    ['more room than file', () => patched((file) => file.writeUInt32LE(5_000_000, 20))],
    ['a text without end', () => patched((file) => file.fill('x', HEADER, HEADER + 500))],
  ])('is not taken for one: %s', (_, make) => {
    expect(() => readSaveImage(make())).toThrow(expect.objectContaining({ code: 'unsupported' }));
  });
});

function patched(change: (file: Buffer) => void): Buffer {
  const file = saved('<domain/>', '<cookie/>');
  change(file);
  return file;
}
