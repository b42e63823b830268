import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { endAnchor, fromScrollTop, isAtEnd, MAX_SCROLL_HEIGHT, moveAnchor, scrollHeight, toScrollTop, type ScrollSpace } from './scroll.ts';

const space = (rows: number): ScrollSpace => ({ rows, rowHeight: 20, viewHeight: 600 });
const even = (): number => 20;

describe('a scaled scroll space', () => {
  it('is never taller than browsers can do, and not scaled without need', () => {
    expect(scrollHeight(space(1000))).toBe(20_000);
    expect(scrollHeight(space(1_000_000))).toBe(MAX_SCROLL_HEIGHT);
    expect(scrollHeight(space(3))).toBe(600);
  });

  it('reaches both ends of a log of any length', () => {
    for (const rows of [31, 1_000, 1_000_000, 80_000_000]) {
      const range = scrollHeight(space(rows)) - 600;
      expect(fromScrollTop(0, space(rows))).toEqual({ row: 0, offset: 0 });
      expect(isAtEnd(fromScrollTop(range, space(rows)), space(rows), even)).toBe(true);
    }
  });

  it('comes back to the same row', () => {
    fc.assert(
      fc.property(fc.integer({ min: 40, max: 5_000_000 }), fc.double({ min: 0, max: 1, noNaN: true }), (rows, part) => {
        const row = Math.floor(part * (rows - 31));
        expect(Math.abs(fromScrollTop(toScrollTop({ row, offset: 10 }, space(rows)), space(rows)).row - row)).toBeLessThanOrEqual(1);
      }),
    );
  });
});

describe('moveAnchor', () => {
  it('moves by real pixels, whatever the scale', () => {
    expect(moveAnchor({ row: 500_000, offset: 5 }, 100, space(1_000_000), even)).toEqual({ row: 500_005, offset: 5 });
    expect(moveAnchor({ row: 500_000, offset: 5 }, -10, space(1_000_000), even)).toEqual({ row: 499_999, offset: 15 });
  });

  it('goes through tall rows', () => {
    const heightOf = (row: number): number => (row === 3 ? 500 : 20);
    expect(moveAnchor({ row: 2, offset: 0 }, 300, space(1000), heightOf)).toEqual({ row: 3, offset: 280 });
    expect(moveAnchor({ row: 4, offset: 0 }, -1, space(1000), heightOf)).toEqual({ row: 3, offset: 499 });
  });

  it('stops at the ends', () => {
    expect(moveAnchor({ row: 1, offset: 0 }, -1000, space(100), even)).toEqual({ row: 0, offset: 0 });
    expect(moveAnchor({ row: 1, offset: 0 }, 1_000_000, space(100), even)).toEqual(endAnchor(space(100), even));
    expect(moveAnchor({ row: 0, offset: 0 }, 50, space(3), even)).toEqual({ row: 0, offset: 0 });
  });
});
