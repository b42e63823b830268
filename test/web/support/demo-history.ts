import type { MachineLife, PoolHistory, PoolSample } from '#server/api';
import { ago } from './demo-clock.ts';

/** A pool whose last hours are invented: `load` says how many jobs wanted a machine, so many minutes before now. */
interface DemoLoad {
  pool: string;
  limit: number;
  ready: number;
  load: (minutesAgo: number) => number;
}

/** A quiet morning, a release at noon that the pool could not take at once, then pushes one by one. */
const LOADS: readonly DemoLoad[] = [
  { pool: 'debian-12', limit: 6, ready: 2, load: (at) => Math.max(0, bump(at, 265, 20, 3) + bump(at, 175, 26, 11) + bump(at, 60, 14, 5) + bump(at, 0, 26, 4.6) + wobble(at)) },
  { pool: 'windows-2022', limit: 2, ready: 1, load: (at) => bump(at, 170, 40, 2.6) + bump(at, 10, 50, 2.4) },
  { pool: 'here', limit: 2, ready: 0, load: (at) => (at % 97 < 4 ? 1 : 0) },
]; // prettier-ignore

function bump(at: number, centre: number, width: number, height: number): number {
  return height * Math.exp(-(((at - centre) / width) ** 2));
}

function wobble(at: number): number {
  return Math.sin(at / 7) * 0.8 + Math.sin(at / 3.1) * 0.5;
}

/** How the demo's pools stood in the last hours, a sample a minute; fewer for more than six hours. */
export function makeHistory(hours: number): PoolHistory[] {
  const step = Math.max(1, Math.ceil((hours * 60) / 360));
  return LOADS.map((load) => ({ pool: load.pool, samples: samplesOf(load, hours * 60, step) }));
}

function samplesOf({ limit, ready, load }: DemoLoad, minutes: number, step: number): PoolSample[] {
  const samples: PoolSample[] = [];
  let before = 0;
  for (let at = minutes; at >= 1; at -= step) {
    const wanted = Math.round(load(at));
    const busy = Math.min(limit, wanted);
    const creating = Math.min(ready, Math.max(0, busy - before));
    samples.push({ at: ago(at * 60), busy, creating, ready: Math.max(0, ready - creating - (wanted > limit ? 1 : 0)), waiting: wanted - busy });
    before = busy;
  }
  return samples;
}

const DIGEST = 'a3f1c09b7752d8e41fb06a9d3c5e8827104f6b9d2e7c81a05fd39b46e0c2718d';
const NAMES = ['3.11 · DJANGO=4.2', '3.12 · DJANGO=4.2', '3.13 · DJANGO=5.1', '2.7 · linux x86_64', 'pypy3.10 · TOXENV=py', '3.9 · TOXENV=docs'];

/** So many machines of the last hours, newest first: most ran a job, some were replaced unused, some never got ready, one was lost. */
export function makeLives(count: number): MachineLife[] {
  return Array.from({ length: count }, (_, n) => lifeOf(n));
}

function lifeOf(n: number): MachineLife {
  const gone = 90 + n * 43 + (n % 7) * 11;
  const job = 35 + ((n * 53) % 260);
  const idle = n % 5 === 0 ? 900 + ((n * 37) % 1500) : 2 + ((n * 17) % 90);
  const starting = 0.7 + ((n * 13) % 9) / 10 + (n % 11 === 0 ? 6 : 0);
  const at = (secondsBeforeGone: number): string => ago(gone + secondsBeforeGone);
  const windows = n % 9 === 4;
  const life: MachineLife = {
    id: `tr${(n * 7919 + 48_611).toString(16).padStart(10, '0')}`,
    pool: windows ? 'windows-2022' : 'debian-12',
    image: windows ? 'windows-2022-msvc' : 'debian-12',
    imageDigest: windows ? '77'.repeat(32) : DIGEST,
    host: windows ? 'vh-2' : n % 3 === 0 ? 'vh-2' : 'vh-1',
    createdAt: at(job + idle + starting + 0.4),
    readyAt: at(job + idle + 0.4),
    assignedAt: at(job + 0.4),
    releasedAt: at(0.4),
    goneAt: at(0),
    job: { id: 13_001 + (n % 4), name: NAMES[n % NAMES.length] ?? '', buildId: 13 },
    reason: null,
  };
  if (n % 17 === 6) return { ...life, assignedAt: null, releasedAt: at(0.4), job: null, reason: 'its image was made anew' };
  if (n % 23 === 9) return { ...life, readyAt: null, assignedAt: null, releasedAt: null, job: null, reason: 'SSH did not answer within 60 s' };
  if (n % 29 === 12) return { ...life, releasedAt: null, reason: 'its host vh-3 was drained: no answer for 20 s' };
  return life;
}
