import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { outsideOf, shareSeats, type SharingPool } from './share-seats.ts';

const pools = fc
  .array(fc.record({ seats: fc.nat(8), taken: fc.nat(8) }), { minLength: 1, maxLength: 5 })
  .map((list): SharingPool[] => list.map((pool, index) => ({ id: index + 1, ...pool })));

test('a pool alone loses what is taken outside, and nothing else', () => {
  expect(outsideOf(1, 3, shareSeats([{ id: 1, seats: 4, taken: 2 }], 7))).toBe(3);
});

test('who has leases keeps them, and the first ones get the rest', () => {
  const sharing = [
    { id: 1, seats: 4, taken: 0 },
    { id: 2, seats: 4, taken: 3 },
  ];
  expect([...shareSeats(sharing, 5)]).toEqual([
    [1, 2],
    [2, 3],
  ]);
});

test('whatever pools there are, together they have never more than there is, and nothing is idle that one of them could use', () => {
  fc.assert(
    fc.property(pools, fc.integer({ min: -3, max: 30 }), fc.nat(5), (sharing, available, outside) => {
      const shares = shareSeats(sharing, available);
      const usable = sharing.map(({ id, seats }) => Math.max(0, Math.min(seats, available + outside - outsideOf(id, outside, shares))));
      const wanted = sharing.reduce((sum, { seats }) => sum + seats, 0);
      expect(usable.reduce((sum, seats) => sum + seats, 0)).toBe(Math.min(wanted, Math.max(0, available)));
    }),
  );
});
