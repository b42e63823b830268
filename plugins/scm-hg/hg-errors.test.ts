import { expect, test } from 'vitest';
import { HgFailure, explainHg } from './hg-errors.ts';

test.each([
  ['remote: Permission denied (publickey).; abort: no suitable response from remote hg', 'unauthorized'],
  ['abort: http authorization required for http://x/', 'unauthorized'],
  ['abort: authorization failed', 'unauthorized'],
  ['abort: HTTP Error 403: Forbidden', 'unauthorized'],
  ['abort: HTTP Error 404: Not Found', 'not-found'],
  ["abort: 'http://x/' does not appear to be an hg repository", 'not-found'],
  ['remote: abort: repository /x not found; abort: no suitable response from remote hg', 'not-found'],
  ['Host key verification failed.; abort: no suitable response from remote hg', 'rejected'],
  ['abort: error: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self signed certificate', 'rejected'],
  ['abort: HTTP Error 429: Too Many Requests', 'rate-limited'],
  ['remote: sh: 1: hg: not found; abort: no suitable response from remote hg', 'unsupported'],
  ['abort: required features are not supported in the destination: lfs', 'unsupported'],
  ['abort: repository requires features unknown to this Mercurial: x', 'unsupported'],
  ['abort: error: Connection refused', 'unavailable'],
  ['ssh: connect to host x port 22: Connection refused; abort: no suitable response from remote hg', 'unavailable'],
  ['abort: HTTP Error 502: Bad Gateway', 'unavailable'],
  ['abort: No space left on device', 'exhausted'],
])('%s: %s', (detail, code) => {
  expect(explainHg(new HgFailure('terrarium-fetch', 255, detail), 'https://x/')).toMatchObject({ code });
});
