import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import express from 'express';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { testDatabase, type TestDatabase } from '../../../test/support/database.ts';
import { isKept, sessionMiddleware } from './session.ts';
import './sessions.ts';

let database: TestDatabase;
const servers: Server[] = [];

beforeAll(async () => {
  database = await testDatabase();
});

afterAll(async () => {
  for (const server of servers) server.close();
  await database?.close();
});

/** A server that signs everybody in at `/in`, changes sessions, with and without somebody ending them at the same moment, and else only says who is there. */
async function serve(publicUrl: string | null): Promise<(path: string, headers?: Record<string, string>) => Promise<Response>> {
  const app = express();
  app.use(sessionMiddleware(database, 'secret', publicUrl));
  app.get('/in', (request, response) => {
    request.session.account = 1;
    response.json({});
  });
  app.get('/changes', (request, response) => {
    request.session.account = 2;
    response.json(2);
  });
  app.get('/is-ended', (request, response, next) => {
    request.session.account = 3;
    database.pool
      .query('delete from sessions where sid = $1', [request.sessionID])
      .then(() => isKept(request))
      .then((kept) => response.json(kept), next);
  });
  app.get('/', (request, response) => void response.json(request.session.account ?? null));
  const server = createServer(app).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return (path, headers = {}) => fetch(`http://127.0.0.1:${port}${path}`, { headers: { ...headers, connection: 'close' } });
}

function cookieOf(response: Response): string {
  return response.headers.get('set-cookie') ?? '';
}

test('without a public address by https, the cookie goes over what there is', async () => {
  const get = await serve(null);
  expect(cookieOf(await get('/in'))).toMatch(/HttpOnly; SameSite=Lax$/);
  const asking = await get('/in', { 'x-forwarded-proto': 'https' });
  expect(cookieOf(asking)).not.toContain('Secure');
});

test('behind a proxy with TLS the cookie goes only over https', async () => {
  const get = await serve('https://ci.example.org');
  expect(cookieOf(await get('/in', { 'x-forwarded-proto': 'https' }))).toMatch(/; Secure;/);
  expect(cookieOf(await get('/in'))).toBe('');
});

test('a session that is ended while a request of it is under way stays ended, whatever that request changes', async () => {
  const get = await serve(null);
  const [cookie = ''] = cookieOf(await get('/in')).split(';');
  const changing = await get('/changes', { cookie });
  expect(await changing.json()).toBe(2);
  expect(await (await get('/', { cookie })).json()).toBe(2);
  const ending = await get('/is-ended', { cookie });
  expect(await ending.json()).toBe(false);
  expect(await (await get('/', { cookie })).json()).toBeNull();
});

test('that a session is used is written once in a while, not at each request', async () => {
  const get = await serve(null);
  const [cookie = ''] = cookieOf(await get('/in')).split(';');
  expect(await (await get('/', { cookie })).json()).toBe(1);
  const id = decodeURIComponent(cookie).split(/[:.]/)[1];
  const mark = new Date(Date.now() + 1_000_000);
  const { rowCount } = await database.pool.query('update sessions set expire = $2 where sid = $1', [id, mark]);
  expect(rowCount).toBe(1);
  const again = await get('/', { cookie });
  expect(await again.json()).toBe(1);
  const { rows } = await database.pool.query<{ expire: Date }>('select expire from sessions where sid = $1', [id]);
  expect(rows).toEqual([{ expire: mark }]);
  // The browser's own end is put off at each.
  expect(cookieOf(again)).toContain('Expires=');
});
