import { lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { Health, type JobView } from '#server/api';
import { ownOutput } from './support.ts';
import { vmMissing, VmScenario } from './vm-support.ts';

vi.setConfig({ testTimeout: 580_000, hookTimeout: 600_000 });

const MARK = String(6_000_000 + (Date.now() % 1_000_000));
const LOG_BYTES = 20_000_000;
const MEGABYTE = 1_000_000;
/** Between two looks at the server's health: they are not to be a load themselves. */
const BETWEEN_MS = 100;

/** What a job tries, and how it has to end. */
interface Attack {
  readonly name: string;
  readonly run: string;
  readonly states: readonly JobView['state'][];
  readonly reason?: RegExp;
  /** Its machine goes each time, so it has four of them. */
  readonly lost?: true;
  readonly check?: (output: string, job: JobView) => void;
}

const ATTACKS: readonly Attack[] = [
  { name: 'fork bomb', run: 'bomb() { bomb | bomb & }; bomb; sleep 600', states: ['failed', 'errored'] },
  {
    name: 'ten gigabytes of output',
    run: 'head -c 10000000000 /dev/zero',
    states: ['errored'],
    reason: /wrote more to its log than it may/,
    check: (output) => expect(output.length).toBeLessThan(LOG_BYTES + 10_000),
  },
  { name: 'all memory', run: `python3 -c 'a = []\nwhile True: a.append(b"x" * 10000000)'`, states: ['failed', 'errored'] },
  { name: 'off', run: 'sudo sh -c "echo o >/proc/sysrq-trigger"; sleep 600', states: ['errored'], lost: true },
  { name: 'crash', run: 'sudo sh -c "echo c >/proc/sysrq-trigger"; sleep 600', states: ['errored'], lost: true },
  { name: 'ends the first process', run: 'sudo kill -9 1; sudo kill -TERM 1; sleep 600', states: ['errored'], lost: true },
  {
    name: 'kills the SSH server',
    run: `echo before; sudo pkill -9 'sshd|dropbear'; sleep 2; echo after`,
    states: ['passed'],
    check: (output) => expect(output).toBe('before\nafter\n'),
  },
  { name: 'lives in 1970', run: 'sudo date -s @86400; sleep 2; date +%Y', states: ['passed'], check: (output, job) => isToday(output, job, '1970') },
  {
    name: 'lives in 2100',
    run: 'sudo date -s @4102444800; sleep 2; date +%Y',
    states: ['passed'],
    check: (output, job) => isToday(output, job, '2100'),
  },
  { name: 'stays in 1970', run: 'sudo date -s @86400; while :; do echo x; sleep 1; done', states: ['errored'], reason: /took longer than it may/ },
  {
    name: 'stays in 2100',
    run: 'sudo date -s @4102444800; while :; do echo x; sleep 1; done',
    states: ['errored'],
    reason: /took longer than it may/,
  },
];

/** When the test began. */
const began = Date.now();

/** Whatever the machine takes the time to be, what the server tells is right. */
function isToday(output: string, job: JobView, year: string): void {
  expect(output.trim().split('\n').at(-1)).toBe(year);
  const moments = [job.startedAt, job.finishedAt, ...job.steps.flatMap((step) => [step.startedAt, step.finishedAt])];
  for (const moment of moments) {
    const at = new Date(moment ?? 0).getTime();
    expect([at > began, at < Date.now() + 60_000], String(moment)).toEqual([true, true]);
  }
}

let vm: VmScenario;

describe.skipIf(vmMissing !== null)(`hostile jobs in virtual machines${vmMissing === null ? '' : ` (skipped: ${vmMissing})`}`, () => {
  beforeAll(async () => {
    vm = await VmScenario.open({ rest: { limits: { logMegabytes: LOG_BYTES / MEGABYTE } } });
  });

  afterAll(() => vm?.close());

  test('a disk that is full is full for its machine alone, and takes no more of the host than was written', async () => {
    const steps = [
      'free=$(df -B1 --output=avail / | tail -1)',
      'fallocate -l $((free + 1000000000)) over 2>/dev/null || echo REFUSED more than there is',
      'rm -f over; fallocate -l $((free - 10000000)) full; head -c 30000000 /dev/zero >over 2>/dev/null || echo REFUSED once it is full',
      'sudo dd if=/dev/zero of=/dev/vda bs=1M seek=1000000 count=1 2>/dev/null || echo REFUSED beyond the end',
      'rm -f full over; head -c 200000000 /dev/zero | tr "\\0" x >big; sync; echo WRITTEN; sleep 600',
    ];
    const build = await vm.scenario.build('disk', JSON.stringify({ checkout: false, test: steps.join('\n') }));
    const id = build.jobs[0]?.id ?? 0;
    await vm.scenario.said(id, 'WRITTEN\n');
    const refused = ownOutput(await vm.scenario.log(id))
      .toString()
      .match(/^REFUSED .*$/gm);
    expect(refused).toEqual(['REFUSED more than there is', 'REFUSED once it is full', 'REFUSED beyond the end']);
    const bytes = bytesOf(vm.machineFolder(await vm.machineOf(id)));
    expect(bytes).toBeGreaterThan(200 * MEGABYTE);
    expect(bytes).toBeLessThan(320 * MEGABYTE);
    await vm.cancel(build.id);
    await vm.scenario.ended(build.id);
  });

  test('what is written to the serial ports is kept nowhere', async () => {
    const run =
      'sudo sh -c "cat /dev/zero >/dev/ttyS0 & cat /dev/zero >/dev/ttyS1 & yes ok >/dev/ttyS1 &"; for i in $(seq 10); do echo $i; sleep 1; done; echo TEN; sleep 600';
    const build = await vm.scenario.build('serial', JSON.stringify({ checkout: false, test: run }));
    const id = build.jobs[0]?.id ?? 0;
    await vm.scenario.said(id, 'TEN\n');
    const folder = vm.machineFolder(await vm.machineOf(id));
    expect(bytesOf(folder, 'overlay.qcow2')).toBeLessThan(MEGABYTE);
    await vm.cancel(build.id);
    expect((await vm.scenario.ended(build.id)).state).toBe('canceled');
  });

  test('each ends with a clear verdict, while other jobs go on and the server is well', async () => {
    const jobs = ATTACKS.map(({ name, run }) => ({ name, test: run }));
    const build = await vm.scenario.build('hostile', JSON.stringify({ checkout: false, limits: { time: '40s', silence: '40s' }, jobs }));
    const watch = watchHealth();
    const bomb = build.jobs.find(({ name }) => name === 'fork bomb')?.id ?? 0;
    await vm.scenario.said(bomb, 'bomb() {');
    const neighbour = await vm.scenario.build('neighbour', '{"checkout": false, "test": "echo well"}');
    expect((await vm.scenario.ended(neighbour.id, 300_000)).state).toBe('passed');
    await vm.scenario.ended(build.id, 500_000);
    expect(await watch.end()).toEqual(['ok']);
    for (const { id } of build.jobs) await judge(id);
  });

  test('nothing is left', async () => {
    expect(await vm.leftovers(MARK)).toEqual([]);
  });
});

async function judge(id: number): Promise<void> {
  const job = await vm.scenario.getJob(id);
  const attack = ATTACKS.find((one) => one.name === job.name);
  const log = await vm.scenario.log(id);
  expect(attack?.states, `${job.name}: ${job.state}, ${job.reason}`).toContain(job.state);
  // An error without a word would leave people guessing.
  if (job.state === 'errored') expect(job.reason, job.name).not.toBeNull();
  if (attack?.reason) expect(job.reason ?? '', job.name).toMatch(attack.reason);
  if (attack?.lost) {
    expect(job.reason, job.name).toMatch(/^its machine was lost 4 times: /);
    expect(job.attempts, job.name).toMatchObject([1, 2, 3, 4].map((number) => ({ number, state: 'errored', lost: true })));
    expect(new Set(job.attempts.map(({ machine }) => machine)).size).toBe(4);
  }
  expect(job.logComplete).toBe(true);
  attack?.check?.(ownOutput(log).toString(), job);
}

/** What a folder's files take on the disk. Sockets and what goes while we look take nothing. */
function bytesOf(folder: string, except = ''): number {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => except === '' || !name.endsWith(except));
  return names.map((name) => (lstatSync(join(folder, name), { throwIfNoEntry: false })?.blocks ?? 0) * 512).reduce((sum, one) => sum + one, 0);
}

/** Asks for the server's health over and over; `end` gives the different answers there were. */
function watchHealth(): { end: () => Promise<string[]> } {
  const seen = new Set<string>();
  const over = new AbortController();
  const watching = (async () => {
    while (!over.signal.aborted) {
      seen.add(Health.parse(await vm.scenario.json('GET', '/api/health')).status);
      await pause(BETWEEN_MS);
    }
  })();
  return {
    end: async () => {
      over.abort();
      await watching;
      return [...seen];
    },
  };
}
