import type { ImageView } from '#server/api';
import { expect, test } from 'vitest';
import { filterPackages, rebuildCommand } from './images.ts';

const packages = ['libssl-dev', 'libc6', 'openssl'].map((name) => ({ name, version: '1' }));

test.each([
  ['', ['libssl-dev', 'libc6', 'openssl']],
  ['SSL', ['libssl-dev', 'openssl']],
  ['ssl lib', ['libssl-dev']],
  ['zlib', []],
])('packages for %j', (query, names) => expect(filterPackages(packages, query).map(({ name }) => name)).toEqual(names));

test('only what was built here can be built again', () => {
  const image: ImageView = {
    name: 'debian-12', driver: 'qemu', digest: '0', origin: 'built', system: 'linux', architecture: 'i686', bytes: 1, madeAt: '', labels: {},
    interpreters: [{ name: '3.11', version: '3.11.2', path: '/p' }], packages, snapshot: true, machines: 0,
  }; // prettier-ignore
  expect(rebuildCommand(image)).toBe('terrarium image build debian-12 --arch i686 --python 3.11');
  const named = { ...image, name: 'pythons', architecture: 'x86_64', labels: { system: 'debian-12' } };
  expect(rebuildCommand(named)).toBe('terrarium image build pythons --system debian-12 --python 3.11');
  expect(rebuildCommand({ ...image, origin: 'imported' })).toBeNull();
});
