import { expect, test } from 'vitest';
import { LicenseVersions } from '#server/api';
import { hasVersion, readVersions } from './versions.ts';

test.each([
  ['12', '12', true],
  ['12', '12.2', true],
  ['12', '13', false],
  ['12', '11.9', false],
  ['12.1 - 19', '12.1', true],
  ['12.1 - 19', '12', false],
  ['12.1-19', '19.3', true],
  ['12.1 - 19', '20', false],
  ['12.1 -', '99', true],
  ['12.1 -', '12.0.9', false],
  ['- 19', '1', true],
  ['- 19', '19.99.1', true],
  ['- 19', '20.0', false],
  ['12.0 - 12.0', '12', true],
  ['9 - 10', '9.10', true],
  ['9.9 - 9.10', '9.10', true],
])('of versions %s, %s: %s', (range, version, isIn) => {
  expect(LicenseVersions.safeParse(range).success).toBe(true);
  expect(hasVersion(readVersions(range), version)).toBe(isIn);
});

test.each(['', '-', 'twelve', '12 to 19', '12 - 13 - 14', '1.2.3.4.5', '>=12'])('%j is no range of versions', (text) => {
  expect(LicenseVersions.safeParse(text).success).toBe(false);
});
