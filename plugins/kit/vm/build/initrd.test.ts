import { describe, expect, test } from 'vitest';
import { cpio } from './cpio.ts';
import { loadOrder } from './initrd.ts';
import { payloadOf } from './kernel.ts';

const INDEX = [
  'kernel/drivers/virtio/virtio.ko: kernel/drivers/virtio/virtio_ring.ko',
  'kernel/drivers/virtio/virtio_ring.ko:',
  'kernel/drivers/virtio/virtio_pci.ko.xz: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko',
  'kernel/drivers/char/hw_random/virtio-rng.ko: kernel/drivers/virtio/virtio.ko kernel/drivers/virtio/virtio_ring.ko',
  'kernel/fs/other.ko:',
  '',
].join('\n');

describe('modules are loaded', () => {
  test('after what they need, each once, and only if they are wanted', () => {
    expect(loadOrder(INDEX, 'kernel/fs/ext4/ext4.ko\n', ['virtio_pci', 'virtio_rng', 'ext4'])).toEqual([
      'kernel/drivers/virtio/virtio_ring.ko',
      'kernel/drivers/virtio/virtio.ko',
      'kernel/drivers/virtio/virtio_pci.ko.xz',
      'kernel/drivers/char/hw_random/virtio-rng.ko',
    ]);
  });

  test('or it is said which the kernel lacks', () => {
    expect(() => loadOrder(INDEX, '', ['virtio_net'])).toThrow('no module virtio_net');
  });
});

/** Names, modes and contents as a reader of the format finds them. */
function readBack(archive: Buffer): [string, number, string][] {
  const found: [string, number, string][] = [];
  for (let at = 0; at < archive.length;) {
    expect(archive.toString('latin1', at, at + 6)).toBe('070701');
    const number = (index: number): number => Number.parseInt(archive.toString('latin1', at + 6 + index * 8, at + 14 + index * 8), 16);
    const [mode, size, nameSize] = [number(1), number(6), number(11)];
    const name = archive.toString('utf8', at + 110, at + 110 + nameSize - 1);
    const start = Math.ceil((at + 110 + nameSize) / 4) * 4;
    found.push([name, mode, archive.toString('utf8', start, start + size)]);
    at = Math.ceil((start + size) / 4) * 4;
  }
  return found;
}

test('an archive holds what was put in, at places that are multiples of four', () => {
  const entries = [
    { path: 'dev', mode: 0o040755 },
    { path: 'a/long-name', mode: 0o100644, data: Buffer.from('hello') },
    { path: 'b', mode: 0o100755, data: Buffer.from('12345678') },
  ];
  expect(readBack(cpio(entries))).toEqual([
    ['dev', 0o040755, ''],
    ['a/long-name', 0o100644, 'hello'],
    ['b', 0o100755, '12345678'],
    ['TRAILER!!!', 0, ''],
  ]);
});

describe('the compressed part of a kernel', () => {
  function kernel(): Buffer {
    const file = Buffer.alloc(4096);
    file.writeUInt8(1, 0x1f1);
    file.write('HdrS', 0x202);
    file.writeUInt32LE(16, 0x248);
    file.writeUInt32LE(14, 0x24c);
    file.write('compressed', 1040);
    return file;
  }

  test('is where the header says, without its length', () => {
    expect(payloadOf(kernel())?.toString()).toBe('compressed');
  });

  test('is nowhere in what is no kernel, or too short', () => {
    expect(payloadOf(Buffer.alloc(100))).toBeNull();
    expect(payloadOf(Buffer.alloc(4096))).toBeNull();
    expect(payloadOf(kernel().subarray(0, 1045))).toBeNull();
  });
});
