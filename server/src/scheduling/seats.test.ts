import { describe, expect, test } from 'vitest';
import { NO_DEMAND } from '../builds/isolation-demand.ts';
import { readVersions } from '../licenses/versions.ts';
import { explain } from './explain.ts';
import { plan } from './plan.ts';
import type { PlanLicense, WantedSeats } from './license-types.ts';
import type { PlanPool, QueuedJob } from './plan-types.ts';
import { license, NO_SEATS } from './testing/licenses.ts';

const POOL: PlanPool = {
  name: 'vm',
  image: {
    image: 'debian-12',
    system: 'linux',
    architecture: 'x86_64',
    isolation: 'vm',
    systemVersion: null,
    toolchains: [],
    isolationNote: 'a machine of its own',
    digest: null,
    interpreters: [],
  },
  limit: 10,
  busy: 0,
  ready: 10,
};

function job(jobId: number, needs: readonly string[], changed: Partial<WantedSeats> = {}, projectId = 1): QueuedJob {
  const requirements = { system: 'linux', architecture: null, interpreter: null, image: null, isolation: NO_DEMAND };
  return { jobId, projectId, order: jobId, priority: 0, requirements, seats: { ...NO_SEATS, needs, ...changed } };
}

/** What becomes of each job: its licence pools, or why it waits. */
function outcome(queue: readonly QueuedJob[], licenses: readonly PlanLicense[], ready = 10): Record<number, unknown> {
  const { assignments, waiting } = plan({ queue, pools: [{ ...POOL, ready }], running: new Map(), licenses });
  return Object.fromEntries([...assignments.map((one) => [one.jobId, one.licenses]), ...waiting.map((one) => [one.jobId, explain(one.reason)])]);
}

describe('seats', () => {
  test('are given as long as there are any; who needs several gets all or none', () => {
    const queue = [job(1, ['msvc']), job(2, ['msvc', 'oracle']), job(3, ['oracle']), job(4, [])];
    expect(outcome(queue, [license('msvc', 1), license('oracle', 1)])).toEqual({
      1: ['msvc-pool'],
      2: 'waits for a licence: no seat of msvc is free (of 2)',
      3: ['oracle-pool'],
      4: [],
    });
  });

  test('of a product come from whichever of its pools has one', () => {
    const pools = [license('msvc', 1), license('msvc', 1, { name: 'other' })];
    expect(outcome([job(1, ['msvc']), job(2, ['msvc']), job(3, ['msvc'])], pools)).toEqual({
      1: ['msvc-pool'],
      2: ['other'],
      3: 'waits for a licence: no seat of msvc is free (of 4)',
    });
  });

  test('are not held by a job that waits for a machine', () => {
    const result = outcome([job(1, ['msvc']), job(2, ['msvc'])], [license('msvc', 1)], 0);
    expect(Object.values(result)).toEqual(['waits for a machine: pool vm is getting one ready', 'waits for a machine: pool vm is getting one ready']);
  });

  test('are no more than one project may have, those that it has included', () => {
    const pool = license('msvc', 5, { mostPerProject: 2, held: new Map([[1, 1]]) });
    expect(outcome([job(1, ['msvc']), job(2, ['msvc']), job(3, ['msvc'], {}, 2)], [pool])).toEqual({
      1: ['msvc-pool'],
      2: 'waits for a licence: its project has as many seats of msvc as one may have (2)',
      3: ['msvc-pool'],
    });
  });

  test('that are free are kept for the first job that has waited too long for several', () => {
    const licenses = [license('msvc', 1), license('oracle', 0)];
    const small = job(2, ['msvc']);
    expect(outcome([job(1, ['msvc', 'oracle']), small], licenses)).toMatchObject({ 2: ['msvc-pool'] });
    const overdue = job(1, ['msvc', 'oracle'], { isOverdue: true });
    expect(outcome([overdue, small], licenses)).toMatchObject({ 2: 'waits for a licence: no seat of msvc is free (of 2)' });
    // Another product's are not kept, and of two overdue jobs only the first's.
    const others = [job(3, ['oracle', 'msvc'], { isOverdue: true }), job(4, ['ndk'])];
    expect(outcome([overdue, ...others], [...licenses, license('ndk', 1)])).toMatchObject({ 4: ['ndk-pool'] });
  });

  test('of a product that nobody has a licence of, or for a stranger, are never given', () => {
    const queue = [job(1, ['qnx']), job(2, ['msvc'], { trust: 'none' })];
    expect(outcome(queue, [license('msvc', 1)])).toEqual({
      1: 'there is no licence of qnx here: there are those of msvc',
      2: 'it needs a licensed seat of msvc, which a change of somebody who is not trusted is given only once a maintainer has approved it',
    });
  });

  test('are of the version that is asked for, of the pool that is for fewest first', () => {
    const old = license('oracle', 2, { name: 'old', versions: readVersions('11 - 12.1') });
    const recent = license('oracle', 2, { name: 'recent', versions: readVersions('12 -') });
    const queue = [job(1, ['oracle 11.2']), job(2, ['oracle 12.1']), job(3, ['oracle 21']), job(4, ['oracle']), job(5, ['oracle 10'])];
    expect(outcome(queue, [old, recent])).toEqual({
      1: ['old'],
      2: ['old'],
      3: ['recent'],
      4: ['recent'],
      5: 'there is no licence of oracle 10 here: there are those of oracle',
    });
  });

  test('are for whom their terms say', () => {
    const terms = { projects: ['acme-*'], groups: ['open-source'], trustedOnly: true };
    const pool = license('msvc', 5, { terms, seats: 5 });
    const of = (jobId: number, changed: Partial<WantedSeats>): QueuedJob => job(jobId, ['msvc'], changed);
    const queue = [
      of(1, { project: { name: 'acme-db', groups: [] } }),
      of(2, { project: { name: 'other', groups: ['open-source'] } }),
      of(3, { project: { name: 'other', groups: [] } }),
      of(4, { project: { name: 'acme-db', groups: [] }, trust: 'approved' }),
    ];
    expect(outcome(queue, [pool])).toEqual({
      1: ['msvc-pool'],
      2: ['msvc-pool'],
      3: 'no licence of msvc here is for its project: an admin says whom each is for',
      4: 'it needs a licensed seat of msvc, which a change of somebody who is not trusted is not given, even if it is approved',
    });
    // Another pool of the product may have other terms.
    expect(outcome(queue.slice(2), [pool, license('msvc', 2, { name: 'site' })])).toEqual({ 3: ['site'], 4: ['site'] });
  });

  test('that are reserved are for their project, whatever it has of them already', () => {
    const pool = license('msvc', 2, { seats: 4, held: new Map([[7, 2]]), reserved: new Map([[7, 3]]) });
    expect(outcome([job(1, ['msvc']), job(2, ['msvc'])], [pool])).toEqual({
      1: ['msvc-pool'],
      2: 'waits for a licence: no seat of msvc is free (of 4, 1 of them reserved for other projects)',
    });
    expect(outcome([job(1, ['msvc']), job(2, ['msvc'], {}, 7)], [pool])).toEqual({ 1: ['msvc-pool'], 2: ['msvc-pool'] });
    expect(outcome([job(1, ['msvc'])], [license('msvc', 2, { reserved: new Map([[7, 2]]) })])).toEqual({
      1: 'waits for a licence: no seat of msvc is free (of 2, 2 of them reserved for other projects)',
    });
  });

  test('that others have at the licence server are said to be', () => {
    expect(outcome([job(1, ['msvc'])], [license('msvc', 0, { seats: 0, outside: 3 })])).toEqual({
      1: 'waits for a licence: msvc has no seat now: 3 taken outside, at its licence server',
    });
    expect(outcome([job(1, ['msvc'])], [license('msvc', 0, { seats: 2, outside: 3 })])).toEqual({
      1: 'waits for a licence: no seat of msvc is free (of 2; 3 more taken outside, at its licence server)',
    });
  });

  test('that are tied to an image are not for machines of another', () => {
    expect(outcome([job(1, ['msvc'])], [license('msvc', 2, { images: ['windows-2016'] })])).toEqual({
      1: 'the licence of msvc is tied to image windows-2016, and no machine that it could run on is that',
    });
    expect(outcome([job(1, ['msvc'])], [license('msvc', 2, { images: ['debian-12'] })])).toEqual({ 1: ['msvc-pool'] });
  });

  test('that are tied to a host take a machine there', () => {
    const licenses = [license('msvc', 2, { hosts: ['alpha'] }), license('ndk', 2, { hosts: ['beta'] })];
    const readyOn = new Map([
      ['alpha', 1],
      ['beta', 0],
    ]);
    const queue = [job(1, []), job(2, ['msvc']), job(3, ['ndk']), job(4, ['msvc', 'ndk'])];
    const { assignments, waiting } = plan({ queue, pools: [{ ...POOL, ready: 2, readyOn }], running: new Map(), licenses });
    expect(assignments.map(({ jobId, hosts }) => [jobId, hosts])).toEqual([
      [1, null],
      [2, ['alpha']],
    ]);
    expect(waiting.map(({ jobId, reason }) => [jobId, explain(reason)])).toEqual([
      [3, 'waits for a machine on beta: the licence of ndk is tied to that host'],
      [4, 'waits for a licence: those of msvc, ndk are tied to different hosts'],
    ]);
  });

  test('that every job on a machine needs are taken with it, and where there is none another machine will do', () => {
    const windows = { ...POOL, name: 'windows', licenses: ['windows'], ready: 2 };
    const free = { ...POOL, name: 'free', ready: 1 };
    const run = (pools: readonly PlanPool[], licenses: readonly PlanLicense[]): unknown =>
      plan({ queue: [job(1, []), job(2, []), job(3, [])], pools, running: new Map(), licenses }).assignments.map((one) => [
        one.jobId,
        one.pool,
        one.licenses,
      ]);
    expect(run([windows, free], [license('windows', 1)])).toEqual([
      [1, 'windows', ['windows-pool']],
      [2, 'free', []],
    ]);
    expect(run([windows], [])).toEqual([]);
  });

  test('of a compiler are taken of the version that the Python needs, where the installation has licences of it', () => {
    const toolchains = ['9.0', '14.0'].map((version) => ({
      name: 'msvc' as const,
      version,
      product: `Visual Studio ${version}`,
      path: 'C:\\vcvarsall.bat',
    }));
    const interpreters = ['2.7', '3.5'].map((name) => ({ name, implementation: 'cpython', version: `${name}.1`, path: `C:\\Python${name}` }));
    const pool = { ...POOL, image: { ...POOL.image, toolchains, interpreters } };
    const queue = ['2.7', '3.5', '3.4'].map((interpreter, index) => {
      const one = job(index + 1, []);
      return { ...one, requirements: { ...one.requirements, interpreter, compiler: 'msvc' } };
    });
    const run = (licenses: readonly PlanLicense[]): unknown => {
      const { assignments, waiting } = plan({ queue, pools: [pool], running: new Map(), licenses });
      return [assignments.map((one) => one.licenses), waiting.map(({ reason }) => reason.kind)];
    };
    expect(run([])).toEqual([[[], []], ['no-image']]);
    const of = (version: string): PlanLicense => license('msvc', 1, { name: version, versions: readVersions(version) });
    expect(run([of('9'), of('14')])).toEqual([[['9'], ['14']], ['no-image']]);
    expect(run([of('14')])).toEqual([[['14']], ['no-license', 'no-image']]);
  });

  test('of one pool serve two needs of one job by one seat', () => {
    const pool = license('msvc', 1, { versions: readVersions('14 - 17') });
    expect(outcome([job(1, ['msvc', 'msvc 17.14'])], [pool])).toEqual({ 1: ['msvc-pool'] });
    expect(outcome([job(1, ['msvc', 'msvc 9.0'])], [pool, license('msvc', 1, { name: 'old', versions: readVersions('9') })])).toEqual({ 1: ['old'] });
  });

  test('are not kept for who could not use them: without a machine, or for whom another product has no seat at all', () => {
    const overdue = job(1, ['msvc'], { isOverdue: true });
    const other = job(2, ['msvc']);
    const image = { ...POOL.image, image: 'other' };
    const pools = [
      { ...POOL, name: 'full', ready: 0, image },
      { ...POOL, name: 'free', ready: 5 },
    ];
    const at = (one: QueuedJob, name: string): QueuedJob => ({ ...one, requirements: { ...one.requirements, image: name } });
    const { assignments } = plan({ queue: [at(overdue, 'full'), at(other, 'free')], pools, running: new Map(), licenses: [license('msvc', 1)] });
    expect(assignments.map(({ jobId }) => jobId)).toEqual([2]);
    const expired = license('oracle', 0, { seats: 0 });
    expect(outcome([job(1, ['msvc', 'oracle'], { isOverdue: true }), other], [license('msvc', 1), expired])).toMatchObject({ 2: ['msvc-pool'] });
  });

  test('of a floating pool are taken where those that are tied to a host have no machine there', () => {
    const tied = license('msvc', 1, { name: 'tied', hosts: ['h1'] });
    const licenses = [tied, license('msvc', 5, { name: 'floating' })];
    const { assignments } = plan({ queue: [job(1, ['msvc'])], pools: [{ ...POOL, readyOn: new Map([['h2', 1]]) }], running: new Map(), licenses });
    expect(assignments.map(({ licenses: names }) => names)).toEqual([['floating']]);
  });
});
