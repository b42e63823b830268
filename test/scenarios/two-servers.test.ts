import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BuildView, Health, MachinesView, ProjectView } from '#server/api';
import { testDatabaseUrl, type DatabaseUrl } from '../support/database.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { CuttableProxy } from './proxy.ts';
import { machines, ownOutput, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 200_000, hookTimeout: 180_000 });

let database: DatabaseUrl;
let first: Scenario;
let second: TestServer;

beforeAll(async () => {
  database = await testDatabaseUrl('migrated');
  const environment = { DATABASE_URL: database.url, TERRARIUM_SAMPLE: 'no' };
  first = await Scenario.open(machines(2), { database: 'own', environment });
  // One data folder: the logs, the key and the machines are what both work with.
  second = await startServer({ database: 'own', config: machines(2), environment: { ...environment, TERRARIUM_DATA: first.server.folder } });
});

afterAll(async () => {
  await second?.stop();
  await first?.close();
  await database?.drop();
});

async function askSecond(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: `Bearer ${second.token}`, 'content-type': 'application/json' };
  const response = await fetch(second.url + path, { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

async function build(id: number): Promise<BuildView> {
  return BuildView.parse(await askSecond('GET', `/api/builds/${id}`));
}

const COUNT = '{"checkout": false, "test": "for i in $(seq 150); do echo line $i; sleep 0.1; done"}';

test('the second stands by: it answers, takes orders for the first, and makes no machines', async () => {
  expect(Health.parse(await askSecond('GET', '/api/health')).status).toBe('ok');
  await until('the second to say so', async () => ((await second.output()).includes('another server works with this database') ? true : null));
  expect(MachinesView.parse(await askSecond('GET', '/api/machines')).machines).toEqual([]);
  const project = await first.project('orders', '{"checkout": false, "test": ["echo begun", "sleep 600"]}');
  const ordered = BuildView.parse(await askSecond('POST', `/api/projects/${project.id}/builds`, {}));
  await first.said(ordered.jobs[0]?.id ?? 0, 'begun');
  await askSecond('POST', `/api/builds/${ordered.id}/cancel`);
  expect((await first.ended(ordered.id)).state).toBe('canceled');
});

test('when the first is killed the second goes on with its jobs, and the log has no gap', async () => {
  const running = await first.build('orphan', COUNT);
  await first.said(running.jobs[0]?.id ?? 0, 'line 5\n');
  expect(await first.server.kill('SIGKILL')).toBe('SIGKILL');
  const ended = await until('the second to bring the job to its end', async () => {
    const now = await build(running.id);
    return now.finishedAt === null ? null : now;
  });
  expect(ended).toMatchObject({ state: 'passed', jobs: [{ state: 'passed', attempt: 1 }] });
  const response = await fetch(`${second.url}/api/jobs/${ended.jobs[0]?.id}/log`, { headers: { authorization: `Bearer ${second.token}` } });
  const log = ownOutput(Buffer.from(await response.arrayBuffer())).toString();
  expect(log).toBe(Array.from({ length: 150 }, (_, line) => `line ${line + 1}\n`).join(''));
});

test('the first comes back and stands by in its turn', async () => {
  await first.server.restart();
  await until('the first to stand by', async () => ((await first.server.output()).includes('another server works with this database') ? true : null));
  const next = await first.build('again', '{"checkout": false, "test": "true"}');
  expect((await first.ended(next.id)).state).toBe('passed');
});

test('a server whose way to the database was cut stands by when it comes back: the machines of the one that leads now are left alone', async () => {
  const way = new CuttableProxy(database.url);
  await way.open();
  const environment = { DATABASE_URL: way.url, TERRARIUM_SAMPLE: 'no', TERRARIUM_DATA: first.server.folder };
  await first.server.kill('SIGKILL');
  await second.kill('SIGTERM');
  const cut = await startServer({ database: 'own', config: machines(2), environment });
  try {
    await until('the third to lead', async () =>
      (await cut.output()).includes('Terrarium is ready') && (await machinesOf(cut)) === 2 ? true : null,
    );
    await way.cut();
    await second.restart();
    await until('the second to lead', async () => ((await machinesOf(second)) === 2 ? true : null));
    const { folder } = await first.repository('alone', { '.terrarium.yml': LONG });
    const project = ProjectView.parse(await askSecond('POST', '/api/projects', { url: folder, name: 'alone', settings: { pollSeconds: null } }));
    const running = BuildView.parse(await askSecond('POST', `/api/projects/${project.id}/builds`, {}));
    await way.open();
    const ended = await until('the job to end', async () => {
      const now = await build(running.id);
      return now.finishedAt === null ? null : now;
    });
    expect(ended.jobs).toEqual([expect.objectContaining({ state: 'passed', attempt: 1, reason: null })]);
    expect(Health.parse(await (await fetch(`${cut.url}/api/health`)).json()).status).toBe('ok');
  } finally {
    await way.open();
    await cut.stop();
    await way.cut();
  }
});

/** Longer than the half minute after which a server looks for machines that nobody knows. */
const LONG = '{"checkout": false, "test": "for i in $(seq 45); do echo line $i; sleep 1; done"}';

/** How many machines a server itself says it has. */
async function machinesOf(server: TestServer): Promise<number> {
  const response = await fetch(`${server.url}/api/machines`, { headers: { authorization: `Bearer ${server.token}` } });
  return MachinesView.parse(await response.json()).machines.length;
}
