import { Report } from '#plugins/kit/yaml/report';
import { describe, expect, it } from 'vitest';
import { isMeant } from './name-pattern.ts';

function meant(patterns: readonly string[], name: string, report = new Report()): boolean {
  return isMeant(
    patterns.map((text) => ({ text, path: 'on.push.branches[0]', at: { line: 1, column: 1 } })),
    name,
    report,
  );
}

describe('a pattern of branches and tags', () => {
  it.each([
    ['feature/*', 'feature/my-branch', true],
    ['feature/*', 'feature/a/b', false],
    ['feature/**', 'feature/mona/the/octocat', true],
    ['main', 'main', true],
    ['main', 'Main', false],
    ['*', 'releases', true],
    ['*', 'a/b', false],
    ['**', 'all/the/branches', true],
    ['*feature', 'ver-10-feature', true],
    ['v2*', 'v2.9', true],
    ['v[12].[0-9]+.[0-9]+', 'v1.10.1', true],
    ['v[12].[0-9]+.[0-9]+', 'v3.0.0', false],
    ['*.jsx?', 'page.js', true],
    ['*.jsx?', 'page.jsx', true],
    ['1.x', '1ax', false],
    [String.raw`a\*`, 'a*', true],
    [String.raw`a\*`, 'ab', false],
    ['c++', 'c++', true],
    ['(a|b)', 'a', false],
  ])('%s and %s: %s', (pattern, name, expected) => {
    expect(meant([pattern], name)).toBe(expected);
  });

  it('counts in its order: what is taken back can be taken in again', () => {
    expect(meant(['releases/**', '!releases/**-alpha'], 'releases/10-alpha')).toBe(false);
    expect(meant(['releases/**', '!releases/**-alpha'], 'releases/10')).toBe(true);
    expect(meant(['*.md', '!README.md', 'README*'], 'README.md')).toBe(true);
    expect(meant(['!main'], 'other')).toBe(false);
  });

  it('matches nothing where it cannot be read, or takes too long, and says so', () => {
    for (const [pattern, name] of [
      ['[z-a]', 'b'],
      [`${'**a'.repeat(30)}!`, 'a'.repeat(3000)],
    ] as const) {
      const report = new Report();
      expect(meant([pattern], name, report)).toBe(false);
      expect(report.messages).toEqual([expect.objectContaining({ level: 'warning', text: expect.stringContaining('it matches nothing') })]);
    }
  });
});
