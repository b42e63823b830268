import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { MachineLife } from '#server/api';
import { testImage } from '../support/vm-image.ts';
import { Bench, emit, jobs, median, percentile, round } from './support.ts';
import { makespanOf } from './makespan.ts';

/** Of a sandbox and of a virtual machine, in turn. */
const ROUNDS = 2;
const TRIGGERS = 10;
/** So many first jobs of a server warm its caches up. */
const WARM_UP = 2;
const TURNS = 10;
/** The seed's arithmetic: so many at once, so many jobs of equal length. */
const AT_ONCE = 5;
const JOBS = 40;
const SECONDS = 20;

/** A pool's settings: how many run at once, wait ready, and may exist in all. */
interface Places {
  readonly jobs: number;
  readonly ready: number;
  readonly machines: number;
}

/** A pool of virtual machines under a real server: how soon a job speaks, and how soon a place in the pool is filled again. */
export async function vmTrigger(): Promise<void> {
  await compareTriggers();
  for (const machines of [1, 2]) await withPool({ jobs: 1, ready: 1, machines }, turns);
}

/**
 * What a build of many jobs loses. Twice: with as many machines as run, so that each has to be made anew while its place stands empty, and with as many besides that
 * wait ready, which are made while others' jobs run. Either runs as many jobs at once.
 */
export async function vmPool(): Promise<void> {
  for (const spare of [0, AT_ONCE]) await withPool({ jobs: AT_ONCE, ready: AT_ONCE, machines: AT_ONCE + spare }, makespan);
}

async function withPool(places: Places, run: (bench: Bench, places: Places) => Promise<void>): Promise<void> {
  const { imagesFolder, name } = await testImage();
  const hosts = `hosts: [{ name: here, machines: ${places.machines} }]`;
  const plugin = `plugins: [{ plugin: runner-qemu, name: vm, config: { images: ${imagesFolder}, resources: { memoryMegabytes: 512 }, ${hosts} } }]\n`;
  const { jobs: atOnce, ready, machines } = places;
  const pool = `pools: [{ name: vm, runner: vm, image: ${name}, jobs: ${atOnce}, ready: ${ready}, machines: ${machines} }]\n`;
  await withBench(plugin + pool, (bench) => run(bench, places));
}

async function withBench(config: string, run: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = await Bench.open(config);
  try {
    await run(bench);
  } finally {
    await bench.close();
  }
}

/** The same job on a sandbox and on a virtual machine, one after the other in one run: what else the computer does is nearly the same for both. */
async function compareTriggers(): Promise<void> {
  const sandbox: number[] = [];
  const vm: number[] = [];
  const local = 'pools: [{ name: local, runner: local, image: local, jobs: 1, ready: 1 }]\n';
  for (let turn = 0; turn < ROUNDS; turn += 1) {
    await withBench(local, async (bench) => void sandbox.push(...(await triggers(bench))));
    await withPool({ jobs: 1, ready: 1, machines: 2 }, async (bench) => void vm.push(...(await triggers(bench))));
  }
  emit('vm-trigger-to-first-output', {
    n: vm.length,
    p50_ms: round(median(vm)),
    p95_ms: round(percentile(vm, 0.95)),
    sandbox_p50_ms: round(median(sandbox)),
    sandbox_p95_ms: round(percentile(sandbox, 0.95)),
    later_p50_ms: round(median(vm) - median(sandbox)),
    aim_later_p50_ms: 150,
  });
}

/** From the request to the server's having the first output, where each job finds a machine that has been waiting. Milliseconds. */
async function triggers(bench: Bench): Promise<number[]> {
  const project = await bench.project('vm-trigger', jobs(1, 'echo "MARK S $EPOCHREALTIME"'));
  const socket = await bench.listen([]);
  const delays: number[] = [];
  try {
    for (let time = 0; time < TRIGGERS + WARM_UP; time += 1) {
      await bench.ready();
      // It warms up.
      await pause(3000);
      const began = Date.now();
      const spoken = await bench.firstOutput(project, /MARK S \d/, socket);
      if (time >= WARM_UP) delays.push(spoken - began);
    }
  } finally {
    socket.disconnect();
  }
  return delays;
}

/** From a job's end to the next machine that is ready in its place: with one machine it is destroyed and made, with two the other is being made already. */
async function turns(bench: Bench, { machines }: Places): Promise<void> {
  const project = await bench.project('vm-turn', jobs(1, 'sleep 1'));
  for (let time = 0; time < TURNS; time += 1) {
    await bench.ready();
    const { id } = await bench.build(project);
    await bench.finished(id);
  }
  await bench.ready();
  const waits = await turnRounds(bench);
  emit('vm-turn-round', { machines, n: waits.length, p50_ms: round(median(waits)), p95_ms: round(percentile(waits, 0.95)), aim_ms: 3000 });
}

async function turnRounds(bench: Bench): Promise<number[]> {
  const lives = z.array(MachineLife).parse(await bench.api('GET', '/api/machines/lives?limit=200'));
  const readies = lives.flatMap(({ readyAt }) => (readyAt === null ? [] : [Date.parse(readyAt)])).toSorted((one, other) => one - other);
  const ends = lives.flatMap(({ releasedAt }) => (releasedAt === null ? [] : [Date.parse(releasedAt)]));
  return ends.flatMap((end) => {
    const next = readies.find((ready) => ready > end);
    return next === undefined ? [] : [next - end];
  });
}

async function makespan(bench: Bench, { machines }: Places): Promise<void> {
  const project = await bench.project('vm-makespan', jobs(JOBS, `sleep ${SECONDS}; echo "MARK E $EPOCHREALTIME"`));
  await bench.ready();
  const seconds = await makespanOf(bench, project);
  const ideal = (JOBS * SECONDS) / AT_ONCE;
  emit('vm-makespan', {
    case: `${JOBS} x sleep ${SECONDS}, ${AT_ONCE} at once`,
    machines,
    makespan_s: round(seconds),
    over_ideal: round(seconds / ideal, 3),
    aim: 1.15,
  });
}
