import { readFile } from 'node:fs/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Health, LogIndex, LogSearch, type JobView } from '#server/api';
import { sandboxProblem } from '../../plugins/runner-local/testing/sandbox-problem.ts';
import { testDatabaseUrl, type DatabaseUrl } from '../support/database.ts';
import { machines, ownOutput, Scenario } from './support.ts';
import { traces } from './traces.ts';

vi.setConfig({ testTimeout: 400_000, hookTimeout: 180_000 });

const PROCESSES = 128;
const LOG_BYTES = 120_000_000;
/** Far more than the server needs, far less than it would have if it kept what jobs write. */
const MEMORY_MB = 700;
const MARK = String(8_000_000 + (Date.now() % 1_000_000));
const AGENT = '"$HOME"/../agent';

/** What a job tries, and how it has to end. */
interface Attack {
  readonly name: string;
  readonly run: string;
  readonly states: readonly JobView['state'][];
  /** Of the reason that people read; null: the verdict says it all. */
  readonly reason: RegExp | null;
  readonly check?: (log: Buffer, job: JobView) => Promise<void> | void;
}

const ATTACKS: readonly Attack[] = [
  { name: 'fork bomb', run: 'bomb() { bomb | bomb & }; bomb; sleep 3; true', states: ['passed', 'failed', 'errored'], reason: null },
  {
    name: 'a gigabyte of output',
    run: 'head -c 1000000000 /dev/zero',
    states: ['errored'],
    reason: /wrote more to its log than it may/,
    check: (log) => expect(log.length).toBeLessThan(LOG_BYTES + 10_000),
  },
  {
    name: 'a line of 100 MB',
    run: "head -c 100000000 /dev/zero | tr '\\0' x",
    states: ['passed'],
    reason: null,
    check: (log, job) => expect([ownOutput(log).length, job.logLines]).toEqual([100_000_000, 2]),
  },
  {
    name: 'what is no UTF-8',
    run: "printf '\\377\\376\\300\\200 ok\\n\\355\\240\\200\\n'",
    states: ['passed'],
    reason: null,
    check: async (log, job) => {
      expect(ownOutput(log)).toEqual(Buffer.from('fffec080206f6b0aeda0800a', 'hex'));
      expect(LogSearch.parse(await scenario.json('GET', `/api/jobs/${job.id}/log/search?q=%20ok`)).lines).toEqual([0, 1]);
      expect(LogIndex.parse(await scenario.json('GET', `/api/jobs/${job.id}/log/index`))).toMatchObject({ lines: 3, complete: true });
    },
  },
  {
    name: 'terminal escapes',
    run: "printf '\\033]0;title\\007\\033[2J\\033[H<script>\\r\\033Pq\\033\\\\\\n'",
    states: ['passed'],
    reason: null,
    check: (log) => expect(ownOutput(log).toString()).toBe('\u001b]0;title\u0007\u001b[2J\u001b[H<script>\r\u001bPq\u001b\\\n'),
  },
  { name: 'kills its supervisor', run: `kill -9 $(cat ${AGENT}/supervisor); sleep 600`, states: ['errored'], reason: /silent|vanished|lost/ },
  { name: 'kills all it can', run: 'echo before; kill -9 -1; sleep 600', states: ['errored'], reason: /silent|vanished|lost/ },
  {
    name: 'removes its work tree',
    run: 'cd ..; rm -rf "$TERRARIUM_BUILD_DIR"; ls -d "$TERRARIUM_BUILD_DIR" || echo gone',
    states: ['passed'],
    reason: null,
  },
  { name: 'removes its agent', run: `rm -rf ${AGENT} "$HOME"; echo removed; true`, states: ['errored'], reason: /vanished|lost|altered|silent/ },
  { name: 'leaves daemons', run: `nohup setsid sleep ${MARK} & (setsid sh -c 'sleep ${MARK}' &) ; echo left`, states: ['passed'], reason: null },
  replaced('a link', 'ln -s /etc/passwd output'),
  replaced('a pipe', 'mkfifo output'),
  replaced('a folder', 'mkdir output'),
  {
    name: 'its events are a link',
    run: `cd ${AGENT} && rm events && ln -s /etc/passwd events && sleep 2; false`,
    states: ['failed', 'errored'],
    reason: null,
  },
  {
    name: 'writes garbage events',
    run: `head -c 3000000 /dev/urandom >>${AGENT}/events; printf '\\nend\\nend x\\nstep 1 99999999999999999 0\\ndone 1.0 0 77 0\\n' >>${AGENT}/events; echo fine`,
    states: ['passed'],
    reason: null,
    check: (log) => expect(ownOutput(log).toString()).toBe('fine\n'),
  },
  {
    name: 'writes an end far away',
    run: `printf '\\nend 1.0 999999999 passed exit\\n' >>${AGENT}/events; sleep 600`,
    states: ['errored'],
    reason: /altered its spool/,
  },
  { name: 'writes too large a file', run: 'truncate -s 300M file', states: ['failed'], reason: null },
  { name: 'shortens its output', run: `echo before; sleep 1; : >${AGENT}/output; sleep 600`, states: ['errored'], reason: /./ },
];

/** The output's file gives way to something else: the log must not show what that leads to. */
function replaced(by: string, command: string): Attack {
  return {
    name: `its output is ${by}`,
    run: `echo before; sleep 1; cd ${AGENT} && rm output && ${command}; sleep 2; echo after`,
    states: ['passed', 'failed', 'errored'],
    reason: null,
    check: (log) => expect(log.toString()).not.toContain('root:'),
  };
}

let database: DatabaseUrl;
let scenario: Scenario;
const problem = await sandboxProblem();

describe.skipIf(problem !== null)(`hostile jobs${problem === null ? '' : `: no sandbox on this host, ${problem}`}`, () => {
  beforeAll(async () => {
    database = await testDatabaseUrl('migrated');
    const runner = { isolation: 'sandbox', processes: PROCESSES, fileMegabytes: 200 };
    const config = machines(3, runner, { limits: { logMegabytes: LOG_BYTES / 1_000_000 } });
    scenario = await Scenario.open(config, { database: 'own', environment: { DATABASE_URL: database.url } });
  });

  afterAll(async () => {
    await scenario?.close();
    await database?.drop();
  });

  test('the limit of processes is in force: without it the rest would not be tried', async () => {
    const build = await scenario.ended((await scenario.build('limit', '{"checkout": false, "shell": "bash", "test": "ulimit -u"}')).id);
    const limit = Number(ownOutput(await scenario.log(build.jobs[0]?.id ?? 0)).toString());
    expect(limit).toBeGreaterThan(0);
    expect(limit).toBeLessThanOrEqual(PROCESSES);
  });

  test('each ends with a clear verdict, the server stays well, and nothing is left', async () => {
    const jobs = ATTACKS.map(({ name, run }) => ({ name, test: run }));
    const build = await scenario.build('hostile', JSON.stringify({ checkout: false, limits: { time: '40s', silence: '40s' }, jobs }));
    expect(build.jobs).toHaveLength(ATTACKS.length);
    const watch = watchHealth();
    await scenario.ended(build.id, 350_000);
    expect(await watch.end()).toEqual(['ok']);
    for (const { id, name } of build.jobs) await judge(id, name);
    expect(await peakMegabytes()).toBeLessThan(MEMORY_MB);
    await leavesNothing();
  });
});

/** A job that ends its own machine cannot be told from one that lost it: it has four of them, and no more. */
const FOUR_LOST = [1, 2, 3, 4].map((number) => ({ number, state: 'errored', lost: true }));

async function judge(id: number, name: string): Promise<void> {
  const attack = ATTACKS.find((one) => one.name === name);
  const job = await scenario.getJob(id);
  expect(attack?.states, `${name}: ${job.state}, ${job.reason}`).toContain(job.state);
  if (attack?.reason) expect(job.reason ?? '', name).toMatch(attack.reason);
  // An error without a word would leave people guessing.
  if (job.state === 'errored') expect(job.reason, name).not.toBeNull();
  expect(job, name).toMatchObject({ logComplete: true, attempts: job.attempts.length === 1 ? [{ number: 1, state: job.state }] : FOUR_LOST });
  if (job.attempts.length > 1) expect(job.reason, name).toMatch(/^its machine was lost 4 times: /);
  await attack?.check?.(await scenario.log(id), job);
}

/** Asks for the server's health over and over; `end` gives the different answers there were. */
function watchHealth(): { end: () => Promise<string[]> } {
  const seen = new Set<string>();
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) seen.add(Health.parse(await scenario.json('GET', '/api/health')).status);
  })();
  return {
    end: async () => {
      over.abort();
      await watching;
      return [...seen];
    },
  };
}

async function peakMegabytes(): Promise<number> {
  const status = await readFile(`/proc/${scenario.server.process().pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) / 1024;
}

async function leavesNothing(): Promise<void> {
  const client = new Client({ connectionString: database.url });
  await client.connect();
  const { rows } = await client.query<{ id: string }>('select id from installation');
  await client.end();
  expect(await scenario.server.kill('SIGTERM')).toBe(0);
  expect(traces({ folder: scenario.server.folder, installation: rows[0]?.id ?? '', marker: MARK })).toEqual([]);
}
