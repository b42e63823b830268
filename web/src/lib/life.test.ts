import type { MachineLife, MachineView } from '#server/api';
import { describe, expect, it, test } from 'vitest';
import { hasStale, lifeRows, mergeLives, segmentsOf } from './life.ts';

const START = Date.UTC(2026, 3, 18, 12);
const at = (second: number): string => new Date(START + second * 1000).toISOString();

function life(id: string, rest: Partial<MachineLife> = {}): MachineLife {
  return {
    id, pool: 'a', image: 'a', imageDigest: null, host: null, createdAt: at(0), readyAt: at(1), assignedAt: at(5), releasedAt: at(65), goneAt: at(66),
    job: null, reason: null, ...rest,
  }; // prettier-ignore
}

function machine(id: string, rest: Partial<MachineView> = {}): MachineView {
  return {
    id,
    pool: 'a',
    image: 'a',
    imageDigest: null,
    host: null,
    state: 'ready',
    job: null,
    reason: null,
    createdAt: at(0),
    since: at(1),
    ...rest,
  };
}

describe('segmentsOf', () => {
  const seconds = (of: MachineLife) => segmentsOf(of).map(({ part, from, to }) => [part, to === null ? null : (to - from) / 1000]);

  it('has a whole life in four pieces', () => {
    expect(seconds(life('m'))).toEqual([['making', 1], ['ready', 4], ['job', 60], ['ending', 1]]); // prettier-ignore
  });

  it('leaves out what it never came to', () => {
    expect(seconds(life('m', { readyAt: null, assignedAt: null, releasedAt: null }))).toEqual([['making', 66]]);
    expect(seconds(life('m', { assignedAt: null }))).toEqual([['making', 1], ['ready', 64], ['ending', 1]]); // prettier-ignore
  });

  it('is unfinished at its end while it lasts', () => {
    expect(seconds(life('m', { releasedAt: null, goneAt: null }))).toEqual([['making', 1], ['ready', 4], ['job', null]]); // prettier-ignore
  });

  it('is never shorter than nothing, whatever clocks say', () => {
    expect(seconds(life('m', { goneAt: at(60) })).at(-1)).toEqual(['ending', 0]);
  });
});

describe('lifeRows', () => {
  const lives = [life('old', { goneAt: at(100) }), life('new', { goneAt: at(300) }), life('lives', { goneAt: null }), life('other', { pool: 'b' })];

  it('has the living on top, with what is known of their lives, then the last that went', () => {
    const { living, over } = lifeRows([machine('lives'), machine('unread', { createdAt: at(50), since: at(52) })], lives, '');
    expect(living.map((row) => row.life.id)).toEqual(['unread', 'lives']);
    expect(living.map((row) => row.life.readyAt)).toEqual([at(52), at(1)]);
    expect(over.map((row) => row.life.id)).toEqual(['new', 'old', 'other']);
  });

  it('leaves other pools out', () => {
    const { living, over } = lifeRows([machine('lives')], lives, 'b');
    expect([living.length, over.map((row) => row.life.id)]).toEqual([0, ['other']]);
  });
});

test('a life that was read while it lasted must be read again once its machine is gone', () => {
  expect(hasStale([machine('m')], [life('m', { goneAt: null })])).toBe(false);
  expect(hasStale([], [life('m', { goneAt: null })])).toBe(true);
  expect(hasStale([], mergeLives([life('m', { goneAt: null }), life('n')], [life('m')]))).toBe(false);
});
