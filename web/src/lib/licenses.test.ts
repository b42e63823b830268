import type { LicensePoolView } from '#server/api';
import { expect, test } from 'vitest';
import { licensesSentence, seatsOf, seatsSentence, validity } from './licenses.ts';

const POOL: LicensePoolView = {
  name: 'site',
  product: 'msvc',
  seats: 3,
  held: 1,
  quarantined: 1,
  free: 1,
  mostPerProject: null,
  quarantineSeconds: 0,
  validFrom: null,
  validUntil: null,
  isValid: true,
  costCenter: '',
  versions: null,
  terms: { projects: [], groups: [], trustedOnly: false },
  hosts: [],
  images: [],
  onWithdrawal: 'finish',
  keyUse: 'none',
  keyVariable: null,
  keyAs: 'value',
  keys: [],
  server: null,
  reservations: [],
  createdAt: '2026-01-02T03:04:05Z',
};

test('a pool says how many of its seats are taken, and has a square for each', () => {
  expect(seatsSentence(POOL)).toBe('2 of 3 seats taken, 1 of them in quarantine');
  expect(seatsSentence({ ...POOL, seats: 1, quarantined: 0 })).toBe('1 of 1 seat taken');
  expect(seatsSentence({ ...POOL, seats: 0, held: 0, quarantined: 0, free: 0 })).toBe('no seats now');
  expect(seatsOf(POOL)).toEqual(['held', 'quarantined', 'free']);
  expect(seatsOf({ ...POOL, free: 1000 })).toHaveLength(60);
});

test('all licences say what has no free seat', () => {
  const full = { ...POOL, free: 0 };
  expect(licensesSentence({ pools: [POOL], leases: [], waiting: [] })).toBe('Every product has a free seat.');
  expect(licensesSentence({ pools: [POOL, full], leases: [], waiting: [] })).toBe('msvc has no free seat.');
  expect(licensesSentence({ pools: [full, { ...full, product: 'sdk' }], leases: [], waiting: [] })).toBe('msvc, sdk have no free seat.');
});

test('a pool says when it may be used, and warns in time', () => {
  const now = Date.UTC(2026, 5, 15, 12);
  const said = (changed: Partial<LicensePoolView>): unknown => validity({ ...POOL, ...changed }, now);
  expect(said({})).toBeNull();
  expect(said({ validFrom: '2026-01-01' })).toBeNull();
  expect(said({ validUntil: '2027-01-01' })).toEqual({ text: 'Valid until 2027-01-01.', warns: false });
  expect(said({ validUntil: '2026-06-16' })).toEqual({ text: 'Expires in 2 days: its last day is 2026-06-16.', warns: true });
  expect(said({ validUntil: '2026-06-14', isValid: false })).toEqual({
    text: 'Expired: its last day was 2026-06-14. No job gets a seat.',
    warns: true,
  });
  expect(said({ validFrom: '2026-07-01', isValid: false })).toEqual({ text: 'May be used from 2026-07-01 on.', warns: true });
});
