import { expect, test } from 'vitest';
import { pathPattern } from './path-pattern.ts';

test.each([
  ['.github/workflows/*.yml', '.github/workflows', ['ci.yml', '.yml', 'a.b.yml'], ['ci.yaml', 'yml', 'ci.yml.txt']],
  ['*.toml', '', ['a.toml'], ['a.tom']],
  ['a/b*', 'a', ['b', 'bc'], ['cb']],
  ['a/x*x', 'a', ['xx', 'x1x'], ['x']],
])('%s', (path, folder, names, others) => {
  const pattern = pathPattern(path);
  expect(pattern?.folder).toBe(folder);
  expect(names.filter((name) => pattern?.fits(name))).toEqual(names);
  expect(others.filter((name) => pattern?.fits(name))).toEqual([]);
});

test.each(['a/b.yml', 'a*/b.yml', 'a/*b*'])('%s is no pattern', (path) => {
  expect(pathPattern(path)).toBeNull();
});
