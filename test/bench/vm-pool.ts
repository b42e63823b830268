import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { MachineLife } from '#server/api';
import { testImage } from '../support/vm-image.ts';
import { Bench, emit, jobs, median, percentile, round } from './support.ts';
import { makespanOf } from './makespan.ts';

const TRIGGERS = 15;
/** The seed's arithmetic: so many machines, so many jobs of equal length. */
const VMS = 5;
const JOBS = 40;
const SECONDS = 20;

/** A pool of virtual machines under a real server: how soon a job speaks, how soon a place in the pool is filled again, and what a build of many jobs loses. */
export async function vmPool(): Promise<void> {
  const { imagesFolder, name } = await testImage();
  const plugin = `plugins: [{ plugin: runner-qemu, name: vm, config: { images: ${imagesFolder}, resources: { memoryMegabytes: 512 }, hosts: [{ name: here, machines: ${VMS} }] } }]\n`;
  await withBench(`${plugin}pools: [{ name: vm, runner: vm, image: ${name}, jobs: 1, ready: 1, machines: 2 }]\n`, triggers);
  await withBench(`${plugin}pools: [{ name: vm, runner: vm, image: ${name}, jobs: ${VMS}, ready: ${VMS}, machines: ${VMS} }]\n`, makespan);
}

async function withBench(config: string, run: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = await Bench.open(config);
  try {
    await run(bench);
  } finally {
    await bench.close();
  }
}

/** Each job finds a machine that has been waiting. */
async function triggers(bench: Bench): Promise<void> {
  const project = await bench.project('vm-trigger', jobs(1, 'echo "MARK S $EPOCHREALTIME"'));
  const delays: number[] = [];
  for (let time = 0; time < TRIGGERS + 2; time += 1) {
    await bench.ready();
    await pause(1000);
    const began = Date.now();
    const spoken = await bench.firstOutput(project, /MARK S \d/);
    // The first two warm caches up.
    if (time >= 2) delays.push(spoken - began);
  }
  emit('vm-trigger-to-first-output', {
    n: delays.length,
    p50_ms: round(median(delays)),
    p95_ms: round(percentile(delays, 0.95)),
    aim: "within 150 ms of `trigger`'s",
  });
  const turns = await turnRounds(bench);
  emit('vm-turn-round', { n: turns.length, p50_ms: round(median(turns)), p95_ms: round(percentile(turns, 0.95)), aim_ms: 3000 });
}

/** From a job's end to the next machine that is ready in its place. */
async function turnRounds(bench: Bench): Promise<number[]> {
  const lives = z.array(MachineLife).parse(await bench.api('GET', '/api/machines/lives?limit=200'));
  const readies = lives.flatMap(({ readyAt }) => (readyAt === null ? [] : [Date.parse(readyAt)])).toSorted((one, other) => one - other);
  const ends = lives.flatMap(({ releasedAt }) => (releasedAt === null ? [] : [Date.parse(releasedAt)]));
  return ends.flatMap((end) => {
    const next = readies.find((ready) => ready > end);
    return next === undefined ? [] : [next - end];
  });
}

async function makespan(bench: Bench): Promise<void> {
  const project = await bench.project('vm-makespan', jobs(JOBS, `sleep ${SECONDS}; echo "MARK E $EPOCHREALTIME"`));
  await bench.ready();
  const seconds = await makespanOf(bench, project);
  const ideal = (JOBS * SECONDS) / VMS;
  emit('vm-makespan', {
    case: `${JOBS} x sleep ${SECONDS}`,
    machines: VMS,
    makespan_s: round(seconds),
    over_ideal: round(seconds / ideal, 3),
    aim: 1.15,
  });
}
