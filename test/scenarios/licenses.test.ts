import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { JobView, LicensesView, LicenseUseView } from '#server/api';
import { machines, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

let scenario: Scenario;

beforeAll(async () => {
  scenario = await Scenario.open(machines(3));
  await scenario.json('PUT', '/api/licenses/site', { product: 'msvc', seats: 1 });
});

afterAll(async () => {
  await scenario?.close();
});

async function licenses(): Promise<LicensesView> {
  return LicensesView.parse(await scenario.json('GET', '/api/licenses'));
}

function description(licensed: unknown, test: string): string {
  return JSON.stringify({ checkout: false, licenses: licensed, test });
}

test('a job has its seat while it runs, and the next says what it waits for', async () => {
  const first = await scenario.build('first', description('msvc', 'echo begun; sleep 600'));
  await scenario.said(first.jobs[0]?.id ?? 0, 'begun');
  const second = await scenario.build('second', description(['msvc'], 'true'));
  const waiting = second.jobs[0]?.id ?? 0;
  await until('the second to say that it waits for a seat', async () => {
    const job = JobView.parse(await scenario.json('GET', `/api/jobs/${waiting}`));
    return job.state === 'queued' && job.reason === 'waits for a licence: no seat of msvc is free (of 1)' ? job : null;
  });
  const job = JobView.parse(await scenario.json('GET', `/api/jobs/${first.jobs[0]?.id}`));
  expect(job.attempts[0]?.licenses).toEqual(['msvc']);
  expect(await licenses()).toMatchObject({
    pools: [{ name: 'site', seats: 1, held: 1, quarantined: 0, free: 0 }],
    leases: [{ pool: 'site', state: 'held', job: { id: first.jobs[0]?.id, buildId: first.id } }],
  });
  expect((await scenario.request('DELETE', '/api/licenses/site')).status).toBe(409);
  await scenario.json('POST', `/api/builds/${first.id}/cancel`);
  expect((await scenario.ended(second.id)).state).toBe('passed');
  await until('the seat to be free', async () => ((await licenses()).pools[0]?.free === 1 ? true : null));
});

test('another seat lets who waits begin', async () => {
  const jobs = [1, 2].map((number) => ({ name: `j${number}`, licenses: 'msvc', test: 'echo begun; sleep 600' }));
  const build = await scenario.build('two', JSON.stringify({ checkout: false, jobs }));
  const [first = 0, second = 0] = build.jobs.map(({ id }) => id);
  await scenario.said(first, 'begun');
  await scenario.json('PUT', '/api/licenses/site', { product: 'msvc', seats: 2 });
  await scenario.said(second, 'begun');
  await scenario.json('PUT', '/api/licenses/site', { product: 'msvc', seats: 1 });
  expect((await licenses()).pools).toMatchObject([{ seats: 1, held: 2, free: 0 }]);
  await scenario.json('POST', `/api/builds/${build.id}/cancel`);
  await scenario.ended(build.id);
});

test('the seat of a job that was stopped is in quarantine until somebody lets it go', async () => {
  await scenario.json('PUT', '/api/licenses/slow', { product: 'sdk', seats: 1, quarantineSeconds: 3600 });
  const build = await scenario.build('stopped', description('sdk', 'echo begun; sleep 600'));
  await scenario.said(build.jobs[0]?.id ?? 0, 'begun');
  await scenario.json('POST', `/api/builds/${build.id}/cancel`);
  await scenario.ended(build.id);
  const [lease] = (await licenses()).leases;
  expect(lease).toMatchObject({ pool: 'slow', state: 'quarantined' });
  expect((await scenario.request('POST', `/api/licenses/leases/${lease?.id}/release`)).status).toBe(204);
  expect((await licenses()).pools).toContainEqual(expect.objectContaining({ name: 'slow', quarantined: 0, free: 1 }));
  const after = await scenario.ended((await scenario.build('after', description('sdk', 'true'))).id);
  expect(after.state).toBe('passed');
  expect((await licenses()).leases).toEqual([]);
  expect((await scenario.request('DELETE', '/api/licenses/slow')).status).toBe(204);
});

test('what was used is told by stretch and month, and as a table of every seat', async () => {
  const { hours, pools, months } = LicenseUseView.parse(await scenario.json('GET', '/api/licenses/use?hours=24'));
  expect([hours, pools.map(({ pool, points }) => [pool, points.length])]).toEqual([24, [['site', 96]]]);
  expect(Math.max(...(pools[0]?.points ?? []).map(({ most }) => most))).toBe(2);
  const ofMsvc = months.filter(({ product }) => product === 'msvc');
  expect(ofMsvc.reduce((sum, { leases }) => sum + leases, 0)).toBe(4);
  expect(ofMsvc.reduce((sum, { refusals }) => sum + refusals, 0)).toBeGreaterThan(0);
  // A day more at each side: this may run at midnight.
  const [from, until] = [-1, 1].map((days) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10));
  const response = await scenario.request('GET', `/api/licenses/uses.csv?from=${from}&until=${until}`);
  expect([response.status, response.headers.get('content-type')]).toEqual([200, expect.stringMatching(/^text\/csv/)]);
  const [head, ...rows] = (await response.text()).trimEnd().split('\r\n');
  expect(head).toBe('id,pool,product,cost centre,project,job,taken,released,free,state');
  expect(rows).toHaveLength(4);
  expect(rows[0]).toMatch(/^\d+,site,msvc,,first,[^,]+,\d{4}-\S+Z,\d{4}-\S+Z,\d{4}-\S+Z,returned$/);
});

test('a product without a licence ends the job, and says which there are', async () => {
  const build = await scenario.ended((await scenario.build('none', description(['qnx', 'msvc'], 'true'))).id);
  expect(build.jobs).toMatchObject([{ state: 'errored', reason: 'there is no licence of qnx here: there are those of msvc' }]);
});

test('what is no pool is refused, and a pool that is not used can go', async () => {
  const put = async (name: string, body: unknown): Promise<number> => (await scenario.request('PUT', `/api/licenses/${name}`, body)).status;
  expect([await put('Site', { product: 'x', seats: 1 }), await put('x', { product: 'x', seats: -1 }), await put('x', { product: 'x' })]).toEqual([
    400, 400, 400,
  ]);
  expect(await put('x', { product: 'x', seats: 1, validFrom: '2026-02-01', validUntil: '2026-01-31' })).toBe(400);
  expect(await put('spare', { product: 'x', seats: 1, mostPerProject: 1, quarantineSeconds: 60 })).toBe(200);
  expect((await scenario.request('DELETE', '/api/licenses/spare')).status).toBe(204);
  expect((await scenario.request('DELETE', '/api/licenses/spare')).status).toBe(404);
  expect((await scenario.request('POST', '/api/licenses/leases/1/release')).status).toBe(404);
});
