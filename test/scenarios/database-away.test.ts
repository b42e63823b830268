import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { Health, Problem } from '#server/api';
import { testDatabaseUrl, type DatabaseUrl } from '../support/database.ts';
import { CuttableProxy } from './proxy.ts';
import { machines, ownOutput, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 200_000, hookTimeout: 180_000 });

let database: DatabaseUrl;
let proxy: CuttableProxy;
let scenario: Scenario;

beforeAll(async () => {
  database = await testDatabaseUrl('migrated');
  proxy = new CuttableProxy(database.url);
  await proxy.open();
  scenario = await Scenario.open(machines(3), { database: 'own', environment: { DATABASE_URL: proxy.url } });
});

afterAll(async () => {
  await proxy?.open();
  await scenario?.close();
  await proxy?.cut();
  await database?.drop();
});

const LINES = 60;
const JOBS = [
  { name: 'paced', test: `for i in $(seq ${LINES}); do echo "line $i"; sleep 0.1; done` },
  { name: 'failing', test: 'echo begun; sleep 3; echo over; exit 3' },
  { name: 'long', test: ['echo begun', 'sleep 3; seq 100000'] },
  { name: 'late', test: 'echo late' },
];

async function health(): Promise<Health> {
  return Health.parse(await (await fetch(`${scenario.server.url}/api/health`)).json());
}

/** The logs on the disk: while the database is away nobody can be asked for them. */
async function storedLogs(): Promise<string> {
  const folder = join(scenario.server.folder, 'logs');
  const names = (await readdir(folder)).filter((name) => name.endsWith('.log'));
  return (await Promise.all(names.map((name) => readFile(join(folder, name), 'latin1')))).join('');
}

async function healthSays(status: Health['status']): Promise<Health> {
  return await until(`health to say ${status}`, async () => {
    const now = await health();
    return now.status === status ? now : null;
  });
}

test.each(['first', 'second'])('jobs go on while the database is away, and their verdicts are written when it is back: %s time', async (time) => {
  const build = await scenario.build(`away-${time}`, JSON.stringify({ checkout: false, jobs: JOBS }));
  for (const job of build.jobs.slice(1, 3)) await scenario.said(job.id, 'begun');
  const before = await health();
  await proxy.cut();
  expect((await healthSays('waiting')).database).not.toBe('ok');
  const refused = await scenario.request('GET', `/api/builds/${build.id}`);
  expect(refused.status).toBe(503);
  expect(Problem.parse(await refused.json()).detail).toContain('database');
  await until('the running jobs to have written everything', async () => {
    const logs = await storedLogs();
    return logs.includes(`\nline ${LINES}\n`) && logs.includes('\nover\n') && logs.includes('\n100000\n') ? true : null;
  });
  expect((await health()).status).toBe('waiting');
  await proxy.open();
  const ended = await scenario.ended(build.id);
  expect(Object.fromEntries(ended.jobs.map((job) => [job.name, job.state]))).toEqual({
    paced: 'passed',
    failing: 'failed',
    long: 'passed',
    late: 'passed',
  });
  for (const job of ended.jobs) expect((await scenario.getJob(job.id)).attempts.map((attempt) => attempt.number)).toEqual([1]);
  const paced = ownOutput(await scenario.log(ended.jobs[0]?.id ?? 0)).toString();
  expect(paced).toBe(Array.from({ length: LINES }, (_, line) => `line ${line + 1}\n`).join(''));
  const steps = (await scenario.getJob(ended.jobs[1]?.id ?? 0)).steps;
  expect(steps.map((step) => step.exitCode)).toEqual([3]);
  const after = await healthSays('ok');
  expect(after.startedAt).toBe(before.startedAt);
});

test('afterwards the server schedules as before', async () => {
  expect((await scenario.ended((await scenario.build('after', '{"checkout": false, "test": "true"}')).id)).state).toBe('passed');
});
