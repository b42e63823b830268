import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { AuditEntry, JobView, type LicensePoolView, LicensesView } from '#server/api';
import { FlexnetServer } from '../../plugins/licenses-flexnet/testing/flexnet-server.ts';
import { temporaryFolder, type TemporaryFolder } from '../support/temporary.ts';
import { Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 400_000, hookTimeout: 180_000 });

const MINUTE = 60_000;
/** The server is asked each half minute, and waits two minutes until it is sure of another's clock. */
const PATIENCE_MS = 240_000;
const POOL = { product: 'solver', seats: 4, quarantineSeconds: 86_400, server: { instance: 'flexnet', feature: 'solver' } };

let home: TemporaryFolder;
let vendor: FlexnetServer;
let scenario: Scenario;

beforeAll(async () => {
  home = await temporaryFolder();
  vendor = await FlexnetServer.open(home.path, 2);
  const flexnet = { program: vendor.program, server: vendor.server, ours: { users: ['ci'], hosts: ['worker*'] } };
  const config = {
    plugins: [
      { plugin: 'runner-local', name: 'local', config: {} },
      { plugin: 'licenses-flexnet', name: 'flexnet', config: flexnet },
    ],
    pools: [{ name: 'local', runner: 'local', image: 'local', jobs: 2, ready: 2 }],
  };
  scenario = await Scenario.open(JSON.stringify(config));
});

afterAll(async () => {
  await scenario?.close();
  await home?.remove();
});

async function licenses(): Promise<LicensesView> {
  return LicensesView.parse(await scenario.json('GET', '/api/licenses'));
}

/** The pool once it is as it should be. */
async function poolThat(what: string, isSo: (pool: LicensePoolView) => boolean): Promise<LicensePoolView> {
  return await until(what, async () => (await licenses()).pools.find(isSo) ?? null, PATIENCE_MS);
}

function description(test: string): string {
  return JSON.stringify({ checkout: false, licenses: 'solver', test });
}

test('a server that is not configured is refused, and one that is away says so', async () => {
  const wrong = await scenario.request('PUT', '/api/licenses/site', { ...POOL, server: { instance: 'rlm', feature: 'solver' } });
  expect([wrong.status, await wrong.text()]).toEqual([400, expect.stringContaining('there is flexnet')]);
  await vendor.behave('away');
  await scenario.json('PUT', '/api/licenses/site', POOL);
  const pool = await poolThat('the pool to say that its server is away', ({ server }) => server?.problem?.includes('Connection refused') === true);
  expect(pool).toMatchObject({ free: 0, server: { seats: null, checkedAt: null } });
  await vendor.behave('answering');
});

test('a job waits while others have the seats, and begins when they give one back', async () => {
  const handles = [await vendor.take({}), await vendor.take({ user: 'bob', host: 'desk8' })];
  await scenario.json('PUT', '/api/licenses/site', POOL);
  await poolThat('the seats of others to count', ({ free, server }) => free === 0 && server?.outside === 2 && server.problem === null);
  const build = await scenario.build('waits', description('true'));
  const jobId = build.jobs[0]?.id ?? 0;
  await until('the job to say what it waits for', async () => {
    const job = JobView.parse(await scenario.json('GET', `/api/jobs/${jobId}`));
    return job.state === 'queued' && job.reason === 'waits for a licence: solver has no seat now: 2 taken outside, at its licence server'
      ? job
      : null;
  });
  await vendor.giveBack(handles[0] ?? 0);
  expect((await scenario.ended(build.id, PATIENCE_MS)).state).toBe('passed');
  expect(await poolThat('one seat to be free', ({ free }) => free === 1)).toMatchObject({ server: { seats: 2, outside: 1, problem: null } });
});

test('what a killed job has left at the server is removed, and its quarantine ends', async () => {
  const build = await scenario.build('killed', description('echo begun; sleep 600'));
  await scenario.said(build.jobs[0]?.id ?? 0, 'begun');
  const [lease] = (await licenses()).leases;
  // By a clock that is a minute late, so that less time has to pass until it is sure that nobody living has it.
  const since = new Date(Math.floor(Date.parse(lease?.takenAt ?? '') / MINUTE - 1) * MINUTE).toISOString();
  const handle = await vendor.take({ user: 'ci', host: 'worker1', since });
  await scenario.json('POST', `/api/builds/${build.id}/cancel`);
  await scenario.ended(build.id);
  expect((await licenses()).leases).toMatchObject([{ id: lease?.id, state: 'quarantined' }]);
  await poolThat('the quarantine to end', ({ quarantined, free }) => quarantined === 0 && free === 1);
  expect(await vendor.removed()).toEqual([`solver ${handle}`]);
  expect(await vendor.uses()).toMatchObject([{ user: 'bob' }]);
  const audit = AuditEntry.array().parse(await scenario.json('GET', '/api/audit'));
  expect(audit.filter(({ who }) => who === 'terrarium')).toMatchObject([
    { action: 'license.freed', target: 'licence pool site', details: { lease: lease?.id } },
    { action: 'license.reclaim', target: 'feature solver of flexnet', details: { user: 'ci', host: 'worker1', seats: 1 } },
  ]);
});
