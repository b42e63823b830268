import { setTimeout as pause } from 'node:timers/promises';
import { Client } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testDatabaseUrl, type DatabaseUrl } from '../support/database.ts';
import { seeded } from './random.ts';
import { machines, Scenario } from './support.ts';
import { traces } from './traces.ts';

vi.setConfig({ testTimeout: 400_000, hookTimeout: 180_000 });

const KILLS = 10;
const LONGEST_LIFE_MS = 2000;
const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
/** A number of seconds that nobody else sleeps: by it processes of these jobs are known. */
const MARK = String(7_000_000 + SEED);

/** A job whose output and verdict are known beforehand, byte for byte. */
interface Known {
  readonly name: string;
  readonly run: string;
  readonly output: string;
  readonly verdict: 'passed' | 'failed' | 'errored';
}

const numbers = (count: number): string => Array.from({ length: count }, (_, index) => `${index + 1}\n`).join('');
const paced = (lines: number, seconds: string, index: number): Known => ({
  name: `paced ${index}`,
  run: `for i in $(seq ${lines}); do echo "line $i of ${index}"; sleep ${seconds}; done`,
  output: Array.from({ length: lines }, (_, line) => `line ${line + 1} of ${index}\n`).join(''),
  verdict: 'passed',
});
const each = (count: number, make: (index: number) => Known): Known[] => Array.from({ length: count }, (_, index) => make(index));

const KNOWN: readonly Known[] = [
  ...each(8, (index) => paced(60 + 10 * index, '0.15', index)),
  ...each(4, (index) => ({ name: `short ${index}`, run: `echo short ${index}`, output: `short ${index}\n`, verdict: 'passed' })),
  ...each(3, (index) => ({ name: `failing ${index}`, run: `echo bad; sleep ${index}; exit 3`, output: 'bad\n', verdict: 'failed' })),
  ...each(2, (index) => ({ name: `broken ${index}`, run: `echo prepared ${index}; false`, output: `prepared ${index}\n`, verdict: 'errored' })),
  ...each(2, (index) => ({ name: `long ${index}`, run: 'seq 300000', output: numbers(300_000), verdict: 'passed' })),
  ...each(2, (index) => ({ name: `sleeping ${index}`, run: 'echo z; sleep 10; echo Z', output: 'z\nZ\n', verdict: 'passed' })),
  ...each(2, (index) => ({ name: `daemon ${index}`, run: `nohup setsid sleep ${MARK} & echo left`, output: 'left\n', verdict: 'passed' })),
  { name: 'one line', run: `head -c 500000 /dev/zero | tr '\\0' x`, output: 'x'.repeat(500_000), verdict: 'passed' },
  { name: 'early exit', run: 'echo before; exit 4', output: 'before\n', verdict: 'failed' },
];

let database: DatabaseUrl;
let scenario: Scenario;

beforeAll(async () => {
  database = await testDatabaseUrl('migrated');
  scenario = await Scenario.open(machines(5), { database: 'own', environment: { DATABASE_URL: database.url } });
});

afterAll(async () => {
  await scenario?.close();
  await database?.drop();
});

test(`25 jobs through ${KILLS} kills of the server (CHAOS_SEED=${SEED}): one right verdict each, every log whole, nothing left`, async () => {
  const jobs = KNOWN.map(({ name, run, verdict }) => ({
    name,
    ...(verdict === 'errored' && run.endsWith('false') ? { install: run, test: 'true' } : { test: run }),
  }));
  const build = await scenario.build('chaos', JSON.stringify({ checkout: false, jobs }));
  expect(build.jobs).toHaveLength(25);
  await killAgainAndAgain();
  const ended = await scenario.ended(build.id, 200_000);
  expect(Object.fromEntries(ended.jobs.map((job) => [job.name, job.state]))).toEqual(Object.fromEntries(KNOWN.map((one) => [one.name, one.verdict])));
  for (const job of ended.jobs) {
    const known = KNOWN.find((one) => one.name === job.name);
    const [log, view] = [(await scenario.log(job.id)).toString('latin1'), await scenario.getJob(job.id)];
    expect(differs(log, wholeLog(known)), job.name).toBeNull();
    expect(view).toMatchObject({ logComplete: true, logSize: log.length, attempts: [{ number: 1, state: known?.verdict, logSize: log.length }] });
    expect(view.steps.at(-1), job.name).toMatchObject({ startOffset: 0, startLine: 0 });
  }
  expect(ended.state).toBe('errored');
  await leavesNothing();
});

/** Some of the kills come while the server is still starting. */
async function killAgainAndAgain(): Promise<void> {
  const random = seeded(SEED);
  for (let kill = 0; kill < KILLS; kill += 1) {
    await pause(random() * LONGEST_LIFE_MS);
    expect(await scenario.server.kill('SIGKILL')).toBe('SIGKILL');
    if (random() < 0.3) await killWhileStarting(random() * 1500);
    await scenario.server.restart();
  }
}

async function killWhileStarting(afterMs: number): Promise<void> {
  const starting = scenario.server.restart().then(
    () => null,
    (error: unknown) => error,
  );
  await pause(afterMs);
  await scenario.server.kill('SIGKILL');
  await starting;
}

/** What the log must hold: the command as it is shown, then all it wrote. */
function wholeLog(known: Known | undefined): string {
  return `\u001b[1m$ ${known?.run}\u001b[0m\n${known?.output}`;
}

/** Where two long texts first differ, with what is there; null if they are equal. */
function differs(text: string, wanted: string): string | null {
  if (text === wanted) return null;
  let at = 0;
  while (text[at] === wanted[at]) at += 1;
  const piece = (of: string): string => JSON.stringify(of.slice(Math.max(0, at - 20), at + 60));
  return `at ${at} of ${text.length} (wanted ${wanted.length}): ${piece(text)} instead of ${piece(wanted)}`;
}

async function leavesNothing(): Promise<void> {
  expect(await scenario.server.kill('SIGTERM')).toBe(0);
  const client = new Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query<{ installation: string; attempts: number; open: number; machines: number }>(
      `select (select id from installation) as installation, (select count(*)::int from attempts) as attempts,
         (select count(*)::int from attempts where finished_at is null) as open, (select count(*)::int from machines) as machines`,
    );
    expect(rows).toEqual([{ installation: expect.any(String), attempts: 25, open: 0, machines: 0 }]);
    expect(traces({ folder: scenario.server.folder, installation: rows[0]?.installation ?? '', marker: MARK })).toEqual([]);
  } finally {
    await client.end();
  }
}
