import { expect, test } from 'vitest';
import { CreateProject } from '#server/api';
import { nameFromUrl } from './name-from-url.ts';

test.each([
  ['https://github.com/owner/name.git', 'owner/name'],
  ['https://github.com/owner/name/', 'owner/name'],
  ['https://host:8443/group/sub/name', 'sub/name'],
  ['https://user:pass@host/owner/name.git', 'owner/name'],
  ['ssh://git@host:22/owner/name.git', 'owner/name'],
  ['git@github.com:owner/name.git', 'owner/name'],
  ['/srv/git/name.git', 'git/name'],
  ['file:///srv/name', 'srv/name'],
  ['hg+https://host/owner/name', 'owner/name'],
  ['hg+ssh://hg@host//srv/hg/name', 'hg/name'],
  ['https://host/name', 'name'],
  ['https://host/a b/ümlaut', 'a-b/-mlaut'],
  ['https://host/../../name', 'name'],
  ['https://host/-/.hidden', 'hidden'],
  ['https://host/', 'project'],
  ['', 'project'],
])('%s: %s', (url, name) => {
  expect(nameFromUrl(url)).toBe(name);
});

test('whatever the URL, the name is one that a project may have', () => {
  const odd = [
    'https://host/' + 'x'.repeat(500),
    '....',
    '///',
    '@:',
    'git@host:',
    '\u0000\n',
    '%2e%2e/%2f',
    'https://host/💥/💥',
    '_/_',
    'a'.repeat(99) + '/b',
  ];
  for (const url of odd) expect(CreateProject.shape.name.safeParse(nameFromUrl(url)).success, url).toBe(true);
});
