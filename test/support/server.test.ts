import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { Health } from '#server/api';
import { startServer } from './server.ts';

test('a server starts on its own PostgreSQL, survives SIGKILL, and leaves nothing', async () => {
  const server = await startServer({ database: 'own' });
  const first = Health.parse(await (await fetch(`${server.url}/api/health`)).json());
  expect(await server.kill('SIGKILL')).toBe('SIGKILL');
  await server.restart();
  const second = Health.parse(await (await fetch(`${server.url}/api/health`)).json());
  expect(second.startedAt).not.toBe(first.startedAt);
  expect(await server.output()).toContain('it is taken over');
  await server.stop();
  expect(existsSync(server.folder)).toBe(false);
}, 120_000);

test('one that cannot start says why', async () => {
  await expect(startServer({ config: 'pools: nonsense\n' })).rejects.toThrow(/ended before it was ready:[\s\S]*pools/);
}, 60_000);

test('one whose port is taken says only that, before it makes a database', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const port = z.object({ port: z.number() }).parse(taken.address()).port;
  try {
    const starting = startServer({ database: 'own', environment: { PORT: String(port) } });
    await expect(starting).rejects.toThrow(new RegExp(`Port ${port} is taken by another program`));
    await expect(starting).rejects.not.toThrow(/EADDRINUSE|new database/);
  } finally {
    taken.close();
  }
}, 60_000);
