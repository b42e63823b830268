import { type LicensePoolView, SetLicensePool } from '#server/api';
import { expect, test } from 'vitest';
import { draftOfPool, draftWords, wishOf } from './license-form.ts';
import { termsOf } from './terms.ts';

const POOL: LicensePoolView = {
  name: 'site',
  product: 'msvc',
  seats: 3,
  held: 1,
  quarantined: 1,
  free: 1,
  mostPerProject: 2,
  quarantineSeconds: 90,
  validFrom: '2026-01-01',
  validUntil: '2026-12-31',
  isValid: true,
  costCenter: '4711',
  versions: '12 - 14',
  isForAll: false,
  terms: { projects: ['acme-*'], groups: ['g'], trustedOnly: true },
  hosts: ['vh-1', 'vh-2'],
  images: ['windows-2022'],
  onWithdrawal: 'stop',
  keyUse: 'each',
  keyVariable: 'KEY',
  keyAs: 'file',
  keys: ['one'],
  server: { instance: 'flexnet', feature: 'MSVC', seats: 3, outside: 0, checkedAt: null, problem: null },
  reservations: [],
  createdAt: '2026-01-02T03:04:05Z',
};

const EMPTY = { projects: [], groups: [], trustedOnly: false };

test('a pool that is opened and saved loses nothing', () => {
  const draft = draftOfPool(POOL);
  const wish = SetLicensePool.parse(wishOf(draft, termsOf(draft.terms) ?? EMPTY));
  expect(wish).toEqual({
    ...Object.fromEntries(Object.keys(wish).map((key) => [key, POOL[key as keyof LicensePoolView]])),
    server: { instance: 'flexnet', feature: 'MSVC' },
  });
});

test('a new pool needs a product and seats, and is for all otherwise', () => {
  const draft = { ...draftOfPool(null), product: ' sdk ' };
  expect(SetLicensePool.parse(wishOf(draft, EMPTY))).toEqual(SetLicensePool.parse({ product: 'sdk', seats: 1 }));
  expect(SetLicensePool.safeParse(wishOf({ ...draft, seats: '' }, EMPTY)).error?.issues[0]?.path).toEqual(['seats']);
  expect(SetLicensePool.safeParse(wishOf({ ...draft, instance: 'flexnet' }, EMPTY)).error?.issues[0]?.path).toEqual(['server', 'feature']);
});

test('folded fields say what they say', () => {
  const draft = draftOfPool(POOL);
  expect(draftWords(draft, POOL.terms)).toEqual({
    whom: 'projects acme-* and the group g, trusted changes only',
    where: 'versions 12 - 14, on vh-1, vh-2, of windows-2022',
    when: '2 at most for one project, 1.5 min of quarantine, until 2026-12-31',
    keys: 'one for each seat',
    server: 'flexnet, MSVC',
  });
  expect(draftWords(draftOfPool(null), null)).toMatchObject({ whom: 'not said yet', where: 'all versions', when: 'no quarantine', keys: 'none' });
});
