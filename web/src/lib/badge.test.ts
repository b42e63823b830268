import { describe, expect, it } from 'vitest';
import { badgePath, badgeSnippets } from './badge.ts';

describe('badgePath', () => {
  it('names a branch only if there is one', () => {
    expect(badgePath(7, '')).toBe('/api/projects/7/badge.svg');
    expect(badgePath(7, 'main')).toBe('/api/projects/7/badge.svg?branch=main');
  });

  it('has nothing that ends a link in any of the languages', () => {
    expect(badgePath(7, `a/b)](x "'<>&#`)).toMatch(/^[\w/.?=%+]+$/);
    expect(new URL(badgePath(7, 'feature/ä b&c#d'), 'http://x').searchParams.get('branch')).toBe('feature/ä b&c#d');
  });
});

describe('badgeSnippets', () => {
  it('writes the badge as a link in three languages', () => {
    expect(badgeSnippets('https://ci.example.org', 7, 'dev')).toEqual([
      {
        format: 'Markdown',
        text: '[![build](https://ci.example.org/api/projects/7/badge.svg?branch=dev)](https://ci.example.org/projects/7)',
      },
      {
        format: 'reStructuredText',
        text: [
          '.. image:: https://ci.example.org/api/projects/7/badge.svg?branch=dev',
          '   :target: https://ci.example.org/projects/7',
          '   :alt: build',
        ].join('\n'),
      },
      {
        format: 'HTML',
        text: '<a href="https://ci.example.org/projects/7"><img src="https://ci.example.org/api/projects/7/badge.svg?branch=dev" alt="build" height="20"></a>',
      },
    ]);
  });
});
