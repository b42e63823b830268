import { expect, it } from 'vitest';
import { httpTargetProblem } from './http-target.ts';

const STRICT = { allowPrivate: false, isSecret: true };

it.each([
  'https://hooks.example.org/services/T1/B2/x',
  'https://example.org:8443/?a=b#c',
  'https://8.8.8.8/x',
  'https://[2a00:1450:4001::1]/x',
  'HTTPS://EXAMPLE.ORG',
])('%s is fine', (url) => expect(httpTargetProblem(url, STRICT)).toBeNull());

it.each([
  ['', /Write the URL/],
  ['example.org/hook', /begins with https/],
  ['ftp://example.org/', /begins with https/],
  ['https:example.org', /begins with https/],
  ['https:///example.org', /begins with https/],
  ['https://', /begins with https/],
  ['https://exa mple.org/', /spaces/],
  ['https://example.org/\u0000', /control/],
  ['https://example.org/\uD800', /control/],
  [`https://example.org/${'x'.repeat(2048)}`, /longer/],
  ['https://ada:hunter2@example.org/', /user or password/],
  ['http://example.org/', /whoever sees it/],
  ['https://localhost/', /own network/],
  ['https://LocalHost./', /own network/],
  ['https://x.localhost/', /own network/],
  ['https://127.0.0.1/', /own network/],
  ['https://2130706433/', /own network/],
  ['https://0x7f.1/', /own network/],
  ['https://[::ffff:127.0.0.1]/', /own network/],
  ['https://169.254.169.254/latest/meta-data', /own network/],
])('%j is not', (url, problem) => {
  expect(httpTargetProblem(url, STRICT)).toMatch(problem);
  expect(httpTargetProblem(url, STRICT)).not.toContain('hunter2');
});

it('takes private hosts and plain http where they are allowed, and plain http for what is no secret', () => {
  expect(httpTargetProblem('http://127.0.0.1:8065/hooks/x', { allowPrivate: true, isSecret: true })).toBeNull();
  expect(httpTargetProblem('http://example.org/', { allowPrivate: false, isSecret: false })).toBeNull();
});
