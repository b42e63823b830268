import { expect, test } from 'vitest';
import { environmentWords, readPatterns } from './ref-patterns.ts';

test.each([
  ['', []],
  ['main', ['main']],
  [' main, release/*\nmain ', ['main', 'release/*']],
])('%j is read as %j', (text, patterns) => expect(readPatterns(text)).toEqual(patterns));

test.each([
  [[], [], 'for nothing: name a branch or a tag'],
  [['main'], [], 'for branch main'],
  [['main', 'x'], ['v*'], 'for branches main, x and tags v*'],
  [['release/*'], ['v1'], 'for branches release/* and tag v1'],
])('%j %j is %s', (branches, tags, words) => expect(environmentWords({ branches, tags })).toBe(words));
