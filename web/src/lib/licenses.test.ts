import type { LicensePoolView, SeatWaitView } from '#server/api';
import { expect, test } from 'vitest';
import {
  keyWords,
  licensesSentence,
  localMoment,
  momentOf,
  reservationWords,
  seatsOf,
  seatsSentence,
  tieWords,
  validity,
  waitsOf,
} from './licenses.ts';

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
  isForAll: true,
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

test('a seat that is neither taken here nor free says why, and has a square of its own', () => {
  const server = { instance: 'flexnet', feature: 'f', seats: 3, outside: 1, checkedAt: null, problem: null };
  const asked = { ...POOL, seats: 6, server };
  expect(seatsSentence(asked)).toBe(
    '2 of 6 seats taken, 1 of them in quarantine; 1 more is used outside of here; 2 cannot be used: its licence server has fewer',
  );
  expect(seatsOf(asked)).toEqual(['held', 'quarantined', 'outside', 'unusable', 'unusable', 'free']);
  const idle = { ...POOL, held: 0, quarantined: 0, free: 0 };
  expect(seatsSentence({ ...idle, isValid: false })).toBe('0 of 3 seats taken; 3 cannot be used: the licence is not valid today');
  expect(seatsSentence({ ...idle, server: { ...server, seats: null } })).toBe(
    '0 of 3 seats taken; 1 more is used outside of here; 2 cannot be used: its licence server was never reached',
  );
  expect(seatsSentence({ ...idle, free: 1, keyUse: 'each', keys: ['one'] })).toBe('0 of 3 seats taken; 2 cannot be used: there is only 1 key');
  expect(seatsSentence({ ...idle, keyUse: 'each' })).toBe('0 of 3 seats taken; 3 cannot be used: there is no key');
});

test('all licences say what has no free seat in any pool, who waits, what expires and what cannot be asked', () => {
  const now = Date.UTC(2026, 5, 15, 12);
  const full = { ...POOL, free: 0 };
  const said = (pools: LicensePoolView[], waiting: SeatWaitView[] = []): string => licensesSentence({ pools, leases: [], waiting }, now);
  expect(said([POOL])).toBe('Every product has a free seat.');
  expect(said([POOL, { ...full, name: 'other' }])).toBe('Every product has a free seat.');
  expect(said([full])).toBe('msvc has no free seat.');
  expect(said([full, { ...full, product: 'sdk' }])).toBe('msvc, sdk have no free seat.');
  const wait = { job: null, product: 'msvc', reason: 'waits', since: null };
  expect(said([full], [wait])).toBe('msvc has no free seat. 1 job waits for one.');
  const server = { instance: 'flexnet', feature: 'f', seats: 3, outside: 0, checkedAt: null, problem: 'no answer' };
  expect(said([{ ...POOL, validUntil: '2026-06-16', server }])).toBe(
    'Every product has a free seat. msvc (site) expires in 2 days. The licence server of site has a problem.',
  );
  expect(
    waitsOf({ pools: [], leases: [], waiting: [wait, { ...wait, product: 'sdk' }, wait] }).map(({ product, waits }) => [product, waits.length]),
  ).toEqual([
    ['msvc', 2],
    ['sdk', 1],
  ]);
});

test('where a pool may be used, and what keys jobs get, is said in words', () => {
  expect([tieWords(POOL), tieWords({ ...POOL, hosts: ['a', 'b'], images: ['w'] })]).toEqual(['any machine', 'machines on a and b, of w']);
  expect(keyWords(POOL)).toBe('not given to jobs');
  expect(keyWords({ ...POOL, keyUse: 'shared', keyVariable: 'KEY' })).toBe('the first one for every seat, in KEY');
  expect(keyWords({ ...POOL, keyUse: 'each', keyVariable: 'KEY', keyAs: 'file' })).toBe('one for each seat, as a file whose place is in KEY');
});

test('a reservation says when, and a field for a moment is read back', () => {
  const at = Date.parse('2026-06-15T12:34:00Z');
  expect(momentOf(localMoment(at))).toBe('2026-06-15T12:34:00.000Z');
  expect(momentOf('')).toBe('');
  const reservation = { seats: 2, from: new Date(at).toISOString(), until: new Date(at + 3_600_000).toISOString() };
  expect(reservationWords(reservation, at + 1)).toMatch(/^2 seats kept until 15 Jun/);
  expect(reservationWords(reservation, at - 1)).toMatch(/^2 seats to be kept from 15 Jun, \d\d:34 until 15 Jun/);
});

test('a pool says when it may be used, and warns in time', () => {
  const now = Date.UTC(2026, 5, 15, 12);
  const said = (changed: Partial<LicensePoolView>): unknown => validity({ ...POOL, ...changed }, now);
  expect(said({})).toBeNull();
  expect(said({ validFrom: '2026-01-01' })).toBeNull();
  expect(said({ validUntil: '2027-01-01' })).toEqual({ text: 'Valid until 2027-01-01.', short: 'is valid until 2027-01-01', warns: false });
  expect(said({ validUntil: '2026-06-16' })).toEqual({
    text: 'Expires in 2 days: its last day is 2026-06-16.',
    short: 'expires in 2 days',
    warns: true,
  });
  expect(said({ validUntil: '2026-06-14', isValid: false })).toEqual({
    text: 'Expired: its last day was 2026-06-14. No job gets a seat.',
    short: 'has expired',
    warns: true,
  });
  expect(said({ validFrom: '2026-07-01', isValid: false })).toEqual({
    text: 'May be used from 2026-07-01 on.',
    short: 'may be used from 2026-07-01 on',
    warns: true,
  });
});
