import { describe, expect, test } from 'vitest';
import type { RunnerDriver } from '#plugins/api';
import { FakeRunner, FakeRunnerController } from '#plugins/api/testing';
import { requestOf } from './making.ts';
import { packageAccess, type PackageSource } from './package-access.ts';
import { POOL } from './testing/pools.ts';

const HERE: PackageSource = { url: null, port: () => Promise.resolve(7080) };
const ELSEWHERE: PackageSource = { url: 'http://ci.example.org:7080', port: () => Promise.resolve(7080) };

function driver(loopback?: 'door' | 'direct', abilities: readonly ('allow' | 'resources')[] = []): RunnerDriver {
  return Object.assign(new FakeRunner(new FakeRunnerController(), abilities), { loopback });
}

describe('how machines reach the cache', () => {
  test('by a door, which their driver is told of', async () => {
    const access = await packageAccess(POOL, driver('door'), HERE);
    expect(access?.url).toBe('http://198.18.1.1');
    expect(requestOf('m', POOL, driver('door'), access).doors).toEqual([{ address: '198.18.1.1', port: 80, loopbackPort: 7080 }]);
  });

  test('directly, where they share the network of this computer', async () => {
    expect(await packageAccess(POOL, driver('direct'), ELSEWHERE)).toEqual({ url: 'http://127.0.0.1:7080', doors: [], allow: [] });
  });

  test('elsewhere by an address that is configured, to which a closed network is opened', async () => {
    expect(await packageAccess(POOL, driver(), HERE)).toBeNull();
    const access = await packageAccess(POOL, driver(), ELSEWHERE);
    expect(access?.url).toBe('http://ci.example.org:7080');
    const request = requestOf('m', { ...POOL, allow: ['git.example.org:443'] }, driver(undefined, ['allow']), access);
    expect(request).toMatchObject({ allow: ['git.example.org:443', 'ci.example.org:7080'] });
    expect(request).not.toHaveProperty('doors');
  });

  test.each([
    ['http://ci.example.org', 'ci.example.org:80'],
    ['https://ci.example.org/packages', 'ci.example.org:443'],
  ])('%s is %s', async (url, destination) => {
    expect((await packageAccess(POOL, driver(), { ...HERE, url }))?.allow).toEqual([destination]);
  });

  test('not at all, where the pool does without, or nothing listens', async () => {
    expect(await packageAccess({ ...POOL, cache: false }, driver('door'), HERE)).toBeNull();
    expect(await packageAccess(POOL, driver('door'), { url: null, port: () => Promise.resolve(null) })).toBeNull();
    expect(requestOf('m', POOL, driver('door'), null)).not.toHaveProperty('doors');
  });
});
