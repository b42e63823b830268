import { expect, test } from 'vitest';
import { findTarget, parseListing, refsOf } from './hg-listing.ts';
import { parseHgUrl } from './hg-url.ts';

const url = parseHgUrl('hg+https://example.org/demo');
const id = (digit: string): string => digit.repeat(40);
const [A, B, C, D] = [id('a'), id('b'), id('c'), id('d')];
const head = (branch: string, commit: string, order: number, closed = false): object => ({ branch, commit, order, closed });

function listing(heads: object[], bookmarks: object[] = [], tags: object[] = []): ReturnType<typeof parseListing> {
  return parseListing(`remote: {"noise": 1}\n${JSON.stringify({ heads, bookmarks, tags })}\n`);
}

test('every open head is a ref; a closed one is none', () => {
  const read = listing([head('default', A, 0), head('default', B, 2), head('default', C, 3, true), head('gone', D, 1, true)]);
  expect(refsOf(read)).toEqual([
    { kind: 'branch', name: 'default', commit: A },
    { kind: 'branch', name: 'default', commit: B },
  ]);
  expect(findTarget(read, 'default', url).commit).toBe(B);
  expect(() => findTarget(read, 'gone', url)).toThrow(expect.objectContaining({ code: 'not-found' }));
});

test('the default is the bookmark @, else the branch default, else the branch of the newest open head', () => {
  const heads = [head('default', A, 0), head('newer', B, 5), head('closed', C, 9, true)];
  expect(listing(heads, [{ name: '@', commit: B }]).defaultBranch).toBe('@');
  expect(listing(heads).defaultBranch).toBe('default');
  expect(listing([head('older', A, 0), ...heads.slice(1)]).defaultBranch).toBe('newer');
  expect(listing([head('closed', C, 9, true)]).defaultBranch).toBeNull();
  expect(() => findTarget(listing([]), null, url)).toThrow(expect.objectContaining({ code: 'not-found' }));
});

test('a bookmark comes before the branch of its name, and the same head is listed once', () => {
  const read = listing(
    [head('x', A, 0), head('x', B, 1)],
    [
      { name: 'x', commit: A },
      { name: 'y', commit: B },
    ],
  );
  expect(findTarget(read, 'x', url)).toEqual({ commit: A, branch: 'x', tag: null });
  expect(findTarget(read, 'refs/heads/y', url)).toEqual({ commit: B, branch: 'y', tag: null });
  expect(refsOf(read).map(({ name, commit }) => [name, commit])).toEqual([
    ['x', A],
    ['x', B],
    ['y', B],
  ]);
});

test('a branch comes before a tag, and what is really called so before what a prefix means', () => {
  const tags = [
    { name: 'x', commit: B },
    { name: 'refs/heads/y', commit: C },
  ];
  const read = listing([head('x', A, 0), head('y', D, 1)], [], tags);
  expect(findTarget(read, 'x', url)).toMatchObject({ commit: A, tag: null });
  expect(findTarget(read, 'refs/tags/x', url)).toEqual({ commit: B, branch: 'x', tag: 'x' });
  expect(findTarget(read, 'refs/heads/y', url)).toMatchObject({ commit: C, tag: 'refs/heads/y' });
});

test('names that could be options or break a line are left out and told', () => {
  const names = ['-x', '--config=ui.x=y', 'a\tb', 'tip'];
  const read = listing(
    [head('-x', A, 0), head('fine name', B, 1)],
    names.map((name) => ({ name, commit: A })),
    names.map((name) => ({ name, commit: A })),
  );
  expect(refsOf(read)).toEqual([{ kind: 'branch', name: 'fine name', commit: B }]);
  expect(read.refused).toEqual(names);
});

test.each(['', 'no JSON', '{}', '{"heads": [{"branch": "x", "commit": "short", "closed": false, "order": 1}], "bookmarks": [], "tags": []}'])(
  'what is no listing is unavailable: %j',
  (output) => {
    expect(() => parseListing(output)).toThrow(expect.objectContaining({ code: 'unavailable' }));
  },
);
