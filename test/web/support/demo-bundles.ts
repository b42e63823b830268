import type { BundleUseView, BundleView } from '#server/api';
import { ago } from './demo-clock.ts';

/** One that is used, one for some that waits for its first use, one that nobody may use yet. */
export function makeBundles(): BundleView[] {
  return [
    {
      name: 'instantclient-sdk',
      isForAll: false,
      version: '12.1',
      format: 'zip',
      bytes: 68_312_044,
      sha256: '5b1d4c9a0f7e62d8c3b5a19046e8d7f2b4c6a8e0d1f3957b6428ac0e9d7f1b35',
      terms: { projects: [], groups: ['open-source'], trustedOnly: false },
      license: 'instantclient-sdk',
      note: 'Under the developer licence of 2025; not to be passed on.',
      uploadedBy: 'admin',
      createdAt: ago(38 * 86_400),
      uses: 412,
      lastUsedAt: ago(65),
    },
    {
      name: 'msvc-redist',
      isForAll: false,
      version: '14.0',
      format: 'tar.gz',
      bytes: 14_220_801,
      sha256: 'c0ffee00aa11bb22cc33dd44ee55ff6677889900aabbccddeeff001122334455',
      terms: { projects: ['acme-*', 'django-lmdb'], groups: [], trustedOnly: true },
      license: null,
      note: '',
      uploadedBy: 'anna',
      createdAt: ago(3 * 86_400),
      uses: 0,
      lastUsedAt: null,
    },
    {
      name: 'qnx-sdp',
      isForAll: false,
      version: '8.0',
      format: 'tar',
      bytes: 2_411_724_800,
      sha256: '00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff',
      terms: { projects: ['(nobody)'], groups: [], trustedOnly: false },
      license: null,
      note: '',
      uploadedBy: 'admin',
      createdAt: ago(600),
      uses: 0,
      lastUsedAt: null,
    },
  ];
}

/** The last jobs that were given a bundle of the demo. */
export function makeBundleUses(): BundleUseView[] {
  return [
    { at: ago(65), job: { id: 12_002, name: '3.9 · DJANGO=4.2', buildId: 1203, projectName: 'django-lmdb' } },
    { at: ago(900), job: null },
  ];
}
