import { expect, test } from 'vitest';
import { localPath } from './local-path.ts';

test.each([
  [undefined, '/'],
  ['', '/'],
  ['/', '/'],
  ['/jobs/7?x=1#L3', '/jobs/7?x=1#L3'],
  ['/a/../b', '/b'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['/x\\..\\evil', '/'],
  ['https://evil.example/', '/'],
  ['javascript:alert(1)', '/'],
  ['/\r\nset-cookie: a=b', '/'],
  ['/\t/evil.example', '/'],
  ['/.//evil.example', '/'],
  ['/..//evil.example/', '/'],
  ['/x/..//evil.example', '/'],
  ['jobs', '/'],
  ['//[', '/'],
])('%j leads to %j', (wanted, path) => {
  expect(localPath(wanted)).toBe(path);
});
