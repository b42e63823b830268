import { BundleVersion, type BundleView, LicenseWord } from '#server/api';
import { expect, test } from 'vitest';
import { bundleName, bundlesSentence, bundleUse, bundleVariable, readArchiveName } from './bundles.ts';

const BUNDLE: BundleView = {
  name: 'instantclient-sdk',
  version: '12.1',
  format: 'zip',
  bytes: 1,
  sha256: 'a'.repeat(64),
  isForAll: true,
  terms: { projects: [], groups: [], trustedOnly: false },
  license: null,
  note: '',
  uploadedBy: 'admin',
  createdAt: '2026-01-02T03:04:05Z',
  uses: 0,
  lastUsedAt: null,
};

test('a bundle says what jobs call it and where they find it', () => {
  expect(bundleName(BUNDLE)).toBe('instantclient-sdk-12.1');
  expect(bundleVariable(BUNDLE.name)).toBe('TERRARIUM_BUNDLE_INSTANTCLIENT_SDK');
  expect(bundleUse(BUNDLE)).toBe('bundles: [instantclient-sdk-12.1]');
});

test('all bundles say which of them nobody can use', () => {
  const idle = { ...BUNDLE, version: '19', terms: { ...BUNDLE.terms, projects: ['(nobody)'] } };
  expect(bundlesSentence([BUNDLE])).toBe('1 bundle for jobs.');
  expect(bundlesSentence([BUNDLE, idle])).toBe('2 bundles for jobs. No job is given instantclient-sdk-19 before somebody says whom it is for.');
});

test.each([
  ['instantclient-sdk-12.1.tar.gz', 'instantclient-sdk', '12.1', 'tar.gz'],
  ['QNX SDP_v8.0.TGZ', 'qnx-sdp', '8.0', 'tar.gz'],
  ['_odd.zip', 'odd', '', 'zip'],
  ['msvc-14-redist-14.0b2.tar', 'msvc-14-redist', '14.0b2', 'tar'],
  ['setup.exe', 'setup.exe', '', null],
])('the file %s proposes a name, a version and a format', (file, name, version, format) => {
  expect(readArchiveName(file)).toEqual({ name, version, format });
  expect(LicenseWord.safeParse(name).success).toBe(true);
  expect(version === '' || BundleVersion.safeParse(version).success).toBe(true);
});
