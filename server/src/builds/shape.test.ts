import { expect, test } from 'vitest';
import { readShape, requirementsOf, shapeOf } from './shape.ts';
import { LINUX } from './testing/rows.ts';

const WANTED = { ...LINUX, interpreter: '3.11', image: 'debian-12' };

test.each([
  { level: 'none', stranger: false },
  { level: 'vm', stranger: true },
  { level: 'sandbox', stranger: false },
] as const)('a shape says what it was made of: %o', (isolation) => {
  expect(readShape(shapeOf(WANTED, isolation))).toEqual({
    requirements: WANTED,
    isolation,
    licenses: { needs: [], trust: isolation.stranger ? 'none' : 'trusted' },
  });
});

test('licences are a part of it where there are any, in whatever order they were named', () => {
  const isolation = { level: 'none', stranger: false } as const;
  const shape = shapeOf(LINUX, isolation, { needs: ['oracle 12.1', 'msvc'], trust: 'trusted' });
  expect(readShape(shape).licenses).toEqual({ needs: ['msvc', 'oracle 12.1'], trust: 'trusted' });
  expect(shapeOf(LINUX, isolation, { needs: ['msvc', 'oracle 12.1'], trust: 'trusted' })).toBe(shape);
  const approved = shapeOf(LINUX, { level: 'none', stranger: true }, { needs: [], trust: 'approved' });
  expect(readShape(approved).licenses).toEqual({ needs: [], trust: 'approved' });
});

test('licences of a time when all who might have them were alike', () => {
  const read = (stranger: boolean, isAllowed: boolean) =>
    readShape(JSON.stringify(['linux', null, null, null, 'none', stranger, ['msvc'], isAllowed])).licenses;
  expect(read(false, true)).toEqual({ needs: ['msvc'], trust: 'trusted' });
  expect(read(true, true)).toEqual({ needs: ['msvc'], trust: 'approved' });
  expect(read(true, false)).toEqual({ needs: ['msvc'], trust: 'none' });
});

test('jobs of other demands have other shapes', () => {
  const shapes = [
    shapeOf(LINUX, { level: 'none', stranger: false }),
    shapeOf(LINUX, { level: 'none', stranger: true }),
    shapeOf(LINUX, { level: 'vm', stranger: true }),
    shapeOf(WANTED, { level: 'vm', stranger: true }),
  ];
  expect(new Set(shapes).size).toBe(shapes.length);
});

test('a shape from before there were demands has none', () => {
  expect(readShape('["linux",null,"3.11","debian-12"]')).toEqual({
    requirements: WANTED,
    isolation: { level: 'none', stranger: false },
    licenses: { needs: [], trust: 'trusted' },
  });
});

test('what cannot be read counts as the strictest', () => {
  expect(readShape('["linux",null,null,null,"enclave","yes"]').isolation).toEqual({ level: 'vm', stranger: true });
});

test('by itself it demands what it did when it was written', () => {
  expect(requirementsOf(shapeOf(WANTED, { level: 'vm', stranger: true }))).toEqual({ ...WANTED, isolation: { level: 'vm', by: 'queued' } });
});
