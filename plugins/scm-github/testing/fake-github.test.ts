import { sign } from 'node:crypto';
import { expect, it } from 'vitest';
import { startFakeGithub } from './fake-github.ts';

it.each([
  ['a route that nobody expects', 'GET', '/repos/ada/demo/contents/x', undefined],
  ['a query that nobody expects', 'GET', '/users/ada?x=1', undefined],
  ['a body that is not as it should be', 'POST', '/repos/ada/demo/statuses/1', { state: 'splendid' }],
])('%s fails the test', async (_, method, path, body) => {
  const github = await startFakeGithub();
  await github.createRepository('ada/demo');
  const headers = { authorization: `token ${github.token('ada')}` };
  const response = await fetch(github.apiUrl + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  expect(response.status).toBe(500);
  await expect(github.close()).rejects.toThrow('what nobody expected');
});

it('takes the App for itself only with its key, its id, in time and not for long', async () => {
  const github = await startFakeGithub();
  const { app } = github.state;
  const now = Math.floor(Date.now() / 1000);
  const good = { iss: app.id, iat: now - 30, exp: now + 500 };
  const ask = async (claims: object, alg = 'RS256', change = ''): Promise<number> => {
    const text = [{ alg, typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
    const signature = sign('RSA-SHA256', Buffer.from(text), app.privateKey).toString('base64url');
    return (await fetch(`${github.apiUrl}/app`, { headers: { authorization: `Bearer ${text}.${signature}${change}` } })).status;
  };
  expect(await ask(good)).toBe(200);
  expect(await ask({ ...good, iss: 1 })).toBe(401);
  expect(await ask({ ...good, exp: now - 1 })).toBe(401);
  expect(await ask({ ...good, iat: now + 100 })).toBe(401);
  expect(await ask({ ...good, exp: now + 5000 })).toBe(401);
  expect(await ask(good, 'none')).toBe(401);
  expect(await ask({ ...good, iss: app.id }, 'RS256', 'AAAA')).toBe(401);
  await github.close();
});
