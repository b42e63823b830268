import { expect, test } from 'vitest';
import { NO_DEMAND } from '../builds/isolation-demand.ts';
import { LINUX } from '../builds/testing/rows.ts';
import type { PlanPool } from './plan-types.ts';
import { waitingByPool } from './wanted-machines.ts';

const ANY = { ...LINUX, isolation: NO_DEMAND };

function pool(name: string, python: string): PlanPool {
  const interpreters = [{ name: python, implementation: 'cpython', version: `${python}.5`, path: `/opt/${python}` }];
  const image = {
    image: name,
    system: 'linux',
    architecture: 'x86_64',
    isolation: 'vm' as const,
    systemVersion: null,
    toolchains: [],
    isolationNote: 'a',
    digest: null,
    interpreters,
  };
  return { name, image, limit: 1, busy: 0, ready: 0 };
}

test('jobs wait for each pool that could run them, however many there are', () => {
  const pools = [pool('new', '3.13'), pool('old', '2.7')];
  const waiting = waitingByPool(pools, [
    { requirements: { ...ANY, interpreter: '3.13' }, count: 10_000 },
    { requirements: { ...ANY, interpreter: '2.7' }, count: 2 },
    { requirements: ANY, count: 5 },
    { requirements: { ...ANY, interpreter: '3.3' }, count: 7 },
  ]);
  expect([...waiting]).toEqual([
    ['new', 10_005],
    ['old', 7],
  ]);
});
