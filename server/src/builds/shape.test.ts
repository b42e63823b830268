import { expect, test } from 'vitest';
import { readShape, requirementsOf, shapeOf } from './shape.ts';
import { LINUX } from './testing/rows.ts';

const WANTED = { ...LINUX, interpreter: '3.11', image: 'debian-12' };

test.each([
  { level: 'none', stranger: false },
  { level: 'vm', stranger: true },
  { level: 'sandbox', stranger: false },
] as const)('a shape says what it was made of: %o', (isolation) => {
  expect(readShape(shapeOf(WANTED, isolation))).toEqual({ requirements: WANTED, isolation, licenses: null });
});

test('licences are a part of it where there are any, in whatever order they were named', () => {
  const isolation = { level: 'none', stranger: false } as const;
  const shape = shapeOf(LINUX, isolation, { products: ['oracle', 'msvc'], isAllowed: true });
  expect(readShape(shape).licenses).toEqual({ products: ['msvc', 'oracle'], isAllowed: true });
  expect(shapeOf(LINUX, isolation, { products: ['msvc', 'oracle'], isAllowed: true })).toBe(shape);
  expect(readShape(shapeOf(LINUX, isolation, { products: ['msvc'], isAllowed: false })).licenses).toEqual({ products: ['msvc'], isAllowed: false });
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
    licenses: null,
  });
});

test('what cannot be read counts as the strictest', () => {
  expect(readShape('["linux",null,null,null,"enclave","yes"]').isolation).toEqual({ level: 'vm', stranger: true });
});

test('by itself it demands what it did when it was written', () => {
  expect(requirementsOf(shapeOf(WANTED, { level: 'vm', stranger: true }))).toEqual({ ...WANTED, isolation: { level: 'vm', by: 'queued' } });
});
