import { expect, test } from 'vitest';
import { isOurPage } from './socket-adapter.ts';

const PUBLIC = 'https://ci.example.org/terrarium';

test.each([
  ['a program', { host: '127.0.0.1:7000' }, null, true],
  ['a page of the server itself', { origin: 'http://127.0.0.1:7000', host: '127.0.0.1:7000' }, null, true],
  ['a page behind a proxy that names another host', { origin: 'https://ci.example.org', host: '127.0.0.1:7000' }, PUBLIC, true],
  ['a page at the public host without its TLS', { origin: 'http://ci.example.org', host: '127.0.0.1:7000' }, PUBLIC, false],
  ['a page of another site', { origin: 'https://elsewhere.example', host: '127.0.0.1:7000' }, PUBLIC, false],
  ['a page of another site, no public address given', { origin: 'https://ci.example.org', host: '127.0.0.1:7000' }, null, false],
  ['a page of no site', { origin: 'null', host: '127.0.0.1:7000' }, PUBLIC, false],
])('%s', (_, headers, publicUrl, ours) => {
  expect(isOurPage(headers, publicUrl)).toBe(ours);
});
