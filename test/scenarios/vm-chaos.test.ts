import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type BuildView, isVerdict, type JobView } from '#server/api';
import { seeded } from './random.ts';
import { ownOutput, until } from './support.ts';
import { machineNetworks, type MachineProcess, machineProcesses, vmMissing, VmScenario } from './vm-support.ts';

vi.setConfig({ testTimeout: 590_000, hookTimeout: 600_000 });

const JOBS = 40;
const LINES = 20;
/** Between two lines. Seconds. */
const PAUSE = '0.1';
const KILLS = 20;
/** How long there is peace at most. */
const LONGEST_PEACE_MS = 3000;
/** A job that has lost its machine so often is spared: a fourth time would be its last. */
const SPARED_AFTER = 2;
const SEED = Number(process.env['CHAOS_SEED'] ?? Date.now() % 1_000_000);
const MARK = String(5_000_000 + SEED);

const random = seeded(SEED);
const networks = new Set<string>();
const killed = { server: 0, qemu: 0, connection: 0, relay: 0 };
type Kind = keyof typeof killed;
/** Three in ten: the server; three: a QEMU; three: a connection into a machine; one: what listens for such connections. */
const KINDS: readonly Kind[] = ['server', 'server', 'server', 'qemu', 'qemu', 'qemu', 'connection', 'connection', 'connection', 'relay'];

let vm: VmScenario;
let installation: string;

describe.skipIf(vmMissing !== null)(`virtual machines in trouble${vmMissing === null ? '' : ` (skipped: ${vmMissing})`}`, () => {
  beforeEach(async () => {
    vm = await VmScenario.open();
    networks.clear();
    installation = await vm.installation();
  });

  afterEach(() => vm?.close());

  test(`${JOBS} jobs through ${KILLS} kills of whatever there is (CHAOS_SEED=${SEED}): one verdict each, every log whole, nothing left`, async () => {
    const jobs = Array.from({ length: JOBS }, (_, index) => ({
      name: `job ${index}`,
      test: `for i in $(seq ${LINES}); do echo "line $i of ${index}"; sleep ${PAUSE}; done`,
    }));
    const build = await vm.scenario.build('chaos', JSON.stringify({ checkout: false, jobs }));
    expect(build.jobs).toHaveLength(JOBS);
    // From then on there is a snapshot: a server that is killed before it has made one has to begin with that again.
    await until('the first job to run', async () =>
      (await vm.scenario.getBuild(build.id)).jobs.some(({ state }) => state === 'running') ? true : null,
    );
    for (let kill = 0; kill < KILLS; kill += 1) {
      await pause(random() * LONGEST_PEACE_MS);
      await killOne(build);
    }
    const ended = await vm.scenario.ended(build.id, 500_000);
    for (const { id } of ended.jobs) await judge(id);
    expect(await vm.row('select count(*)::int as open from attempts where finished_at is null')).toEqual({ open: 0 });
    expect(networks.size).toBeGreaterThan(0);
    const left = await vm.leftovers(MARK, networks);
    expect(left, left.join('\n')).toEqual([]);
    expect(await vm.row('select count(*)::int as machines from machines')).toEqual({ machines: 0 });
  });
});

async function killOne(build: BuildView): Promise<void> {
  for (const network of machineNetworks(installation)) networks.add(network);
  const kind = KINDS[Math.floor(random() * KINDS.length)] ?? 'server';
  const victims = kind === 'server' ? [] : await victimsOf(kind, build.id);
  const victim = victims[Math.floor(random() * victims.length)];
  if (victim === undefined) return await killServer();
  killed[kind] += 1;
  try {
    process.kill(victim.pid, 'SIGKILL');
  } catch (error) {
    // Its job ended at this very moment.
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Some of the kills come while the server is still starting. */
async function killServer(): Promise<void> {
  killed.server += 1;
  expect(await vm.scenario.server.kill('SIGKILL')).toBe('SIGKILL');
  if (random() < 0.3) {
    const starting = vm.scenario.server.restart().then(
      () => null,
      (error: unknown) => error,
    );
    await pause(random() * 1500);
    await vm.scenario.server.kill('SIGKILL');
    await starting;
  }
  await vm.scenario.server.restart();
}

/** What may be killed: processes of machines, those left out whose jobs have lost machines enough. */
async function victimsOf(kind: Exclude<Kind, 'server'>, buildId: number): Promise<MachineProcess[]> {
  const spared = new Set<string | null>();
  for (const { id, state } of (await vm.scenario.getBuild(buildId)).jobs) {
    if (isVerdict(state)) continue;
    const { attempts } = await vm.scenario.getJob(id);
    if (attempts.filter((one) => one.lost).length >= SPARED_AFTER) spared.add(attempts.at(-1)?.machine ?? null);
  }
  return machineProcesses(installation).filter((one) => !spared.has(one.machine) && kindOf(one) === kind);
}

/** The socat that listens for SSH has one child for each connection, which has its words. */
function kindOf({ name, command, parent }: MachineProcess): Kind | null {
  if (name.startsWith('qemu-system')) return 'qemu';
  if (!command.startsWith('socat UNIX-LISTEN:/m/ssh,')) return null;
  return parent === 'socat' ? 'connection' : 'relay';
}

async function judge(id: number): Promise<void> {
  const job = await vm.scenario.getJob(id);
  const label = `${job.name}: ${job.state}, ${job.reason}`;
  const lost = job.attempts.filter((one) => one.lost);
  expect(
    job.attempts.map((one) => one.number),
    label,
  ).toEqual(job.attempts.map((_, index) => index + 1));
  expect(job.logComplete, label).toBe(true);
  for (const { number } of lost)
    expect(gapIn(ownOutput(await vm.scenario.log(id, number)).toString(), job), `${label}, attempt ${number}`).toBeNull();
  if (job.state === 'errored') {
    expect(job.reason, label).toMatch(/^its machine was lost 4 times: /);
    expect(lost, label).toHaveLength(4);
    return;
  }
  expect(job.state, label).toBe('passed');
  expect(lost, label).toHaveLength(job.attempts.length - 1);
  expect(ownOutput(await vm.scenario.log(id)).toString(), label).toBe(lines(LINES, job));
}

/** All that a job has written when it has come to a line. */
function lines(count: number, { name }: JobView): string {
  return Array.from({ length: count }, (_, index) => `line ${index + 1} of ${name.slice(4)}\n`).join('');
}

/** Of a log that ends in the middle: what does not belong where it is; null if it is the beginning of the whole, and a complaint. */
function gapIn(log: string, job: JobView): string | null {
  const [, written = '', rest = ''] = /^((?:line \d+ of \d+\n)*)([^]*)$/.exec(log) ?? [];
  if (!lines(LINES, job).startsWith(written)) return written;
  return /^(line [ \dof]*)?\n\u001B\[31;1mTerrarium: its machine was lost[^\n]*\n$/.test(rest) ? null : rest;
}
