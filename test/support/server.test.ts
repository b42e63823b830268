import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
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
