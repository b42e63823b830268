import { Client } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { BuildView, MachinesView, QueueView } from '#server/api';
import { testDatabaseUrl, type DatabaseUrl } from '../support/database.ts';
import { startServer, type TestServer } from '../support/server.ts';
import { machines, ownOutput, Scenario, until } from './support.ts';

vi.setConfig({ testTimeout: 200_000, hookTimeout: 180_000 });

const LINES = 80;
const COUNT = `for i in $(seq ${LINES}); do echo line $i; sleep 0.1; done`;
const COUNTING = JSON.stringify({ checkout: false, jobs: ['one', 'two', 'three', 'four'].map((name) => ({ name, test: COUNT })) });

let database: DatabaseUrl;
let first: Scenario;
let second: TestServer | undefined;

beforeAll(async () => {
  database = await testDatabaseUrl('migrated');
  first = await Scenario.open(machines(2), { database: 'own', environment: environment() });
});

afterAll(async () => {
  await second?.stop();
  await first?.close();
  await database?.drop();
});

function environment(): Record<string, string> {
  return { DATABASE_URL: database.url, TERRARIUM_SAMPLE: 'no' };
}

/** Ends the connection that holds the right to schedule, as a restart of the database's proxy or a firewall would. */
async function takeTheRight(): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rowCount } = await client.query(
    `select pg_terminate_backend(l.pid) from pg_locks l join pg_database d on d.oid = l.database
     where d.datname = current_database() and l.locktype = 'advisory' and l.granted`,
  );
  await client.end();
  expect(rowCount).toBe(1);
}

async function ask(server: TestServer, path: string): Promise<unknown> {
  const response = await fetch(server.url + path, { headers: { authorization: `Bearer ${server.token}` } });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return await response.json();
}

async function said(server: TestServer, text: string, times = 1): Promise<void> {
  await until(`the server to say ${text}`, async () => ((await server.output()).split(text).length > times ? true : null));
}

/** The build's end, with every job passed at its first attempt and its whole log. */
async function passes(server: TestServer, buildId: number): Promise<void> {
  const ended = await until(`build ${buildId} to end`, async () => {
    const now = BuildView.parse(await ask(server, `/api/builds/${buildId}`));
    return now.finishedAt === null ? null : now;
  });
  expect(ended.jobs.map(({ state, attempt, reason }) => ({ state, attempt, reason }))).toEqual(
    ended.jobs.map(() => ({ state: 'passed', attempt: 1, reason: null })),
  );
  for (const job of ended.jobs) {
    const response = await fetch(`${server.url}/api/jobs/${job.id}/log`, { headers: { authorization: `Bearer ${server.token}` } });
    const log = ownOutput(Buffer.from(await response.arrayBuffer())).toString();
    expect(log).toBe(Array.from({ length: LINES }, (_, line) => `line ${line + 1}\n`).join(''));
  }
}

/** Nothing is left but the two machines that wait for jobs. */
async function onlyReadyMachines(server: TestServer): Promise<void> {
  await until('only ready machines to be there', async () => {
    const { machines: all } = MachinesView.parse(await ask(server, '/api/machines'));
    return all.length === 2 && all.every((machine) => machine.state === 'ready') ? true : null;
  });
}

test('alone: a lost right is asked for again, and nothing that runs or waits notices', async () => {
  const build = await first.build('alone', COUNTING);
  for (const job of build.jobs.slice(0, 2)) await first.said(job.id, 'line 5\n');
  await takeTheRight();
  await said(first.server, 'nobody else had it');
  await passes(first.server, build.id);
  await onlyReadyMachines(first.server);
});

test('with a standby: it takes over from a server that froze, which lets go when it wakes', async () => {
  second = await startServer({ database: 'own', config: machines(2), environment: { ...environment(), TERRARIUM_DATA: first.server.folder } });
  await said(second, 'another server works with this database');
  const build = await first.build('frozen', COUNTING);
  for (const job of build.jobs.slice(0, 2)) await first.said(job.id, 'line 5\n');
  const queue = QueueView.parse(await ask(second, '/api/queue'));
  expect(queue.entries.map((entry) => entry.reason)).toEqual([0, 1].map(() => expect.stringContaining('another server')));
  first.server.process().kill('SIGSTOP');
  await takeTheRight();
  await said(second, 'going on with 2 jobs');
  first.server.process().kill('SIGCONT');
  await said(first.server, 'another server works with this database');
  await passes(second, build.id);
  await onlyReadyMachines(second);
  expect(MachinesView.parse(await ask(first.server, '/api/machines')).machines).toEqual([]);
});

test('a server that stops in order gives the right away last, and the other goes on', async () => {
  if (second === undefined) throw new Error('there is no second server');
  const build = await first.build('handed-over', COUNTING);
  for (const job of build.jobs.slice(0, 2)) await first.said(job.id, 'line 5\n');
  expect(await second.kill('SIGTERM')).toBe(0);
  await said(first.server, 'going on with 2 jobs');
  await passes(first.server, build.id);
  await onlyReadyMachines(first.server);
});
