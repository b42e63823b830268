import { expect, test } from 'vitest';
import { bearerToken, isSameOrigin } from './auth.guard.ts';

test.each([
  ['Bearer abc', 'abc'],
  ['bearer   abc', 'abc'],
  ['Bearer trr_a-b_c=', 'trr_a-b_c='],
  ['Bearer', null],
  ['Bearer ', null],
  ['Bearer a b', null],
  ['Basic abc', null],
  ['xBearer abc', null],
  ['', null],
  [undefined, null],
])('the token of %j is %j', (header, token) => {
  expect(bearerToken(header)).toBe(token);
});

test.each([
  ['its own page', { origin: 'http://ci.example:7000', host: 'ci.example:7000' }, true],
  ['its own page, as the browser says', { 'sec-fetch-site': 'same-origin' }, true],
  ['typed by hand', { 'sec-fetch-site': 'none' }, true],
  ['a neighbour', { 'sec-fetch-site': 'same-site', origin: 'http://ci.example:7000', host: 'ci.example:7000' }, false],
  ['another site, whatever it claims', { 'sec-fetch-site': 'cross-site', origin: 'http://ci.example:7000', host: 'ci.example:7000' }, false],
  ['another port', { origin: 'http://ci.example:8000', host: 'ci.example:7000' }, false],
  ['another host', { origin: 'http://evil.example', host: 'ci.example:7000' }, false],
  ['a page without origin', { origin: 'null', host: 'ci.example:7000' }, false],
  ['no browser', { host: 'ci.example:7000' }, false],
])('%s: same origin %s', (_title, headers, same) => {
  expect(isSameOrigin({ headers })).toBe(same);
});
