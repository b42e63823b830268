import { setTimeout as pause } from 'node:timers/promises';
import { type Bench, emit, jobs, median, percentile, round } from './support.ts';

const TIMES = 30;
const GAP_MS = 150;

/** From a request to the first command of the job, on an idle server with ready machines. */
export async function trigger(bench: Bench): Promise<void> {
  const project = await bench.project('trigger', jobs(1, 'echo "MARK S $EPOCHREALTIME"'));
  const delays: number[] = [];
  for (let time = 0; time < TIMES + 3; time += 1) {
    const began = Date.now();
    const { id } = await bench.build(project);
    const build = await bench.finished(id);
    const [job] = build.jobs;
    if (job?.state !== 'passed') throw new Error(`the job of the trigger bench ${job?.state}: ${job?.reason}`);
    // The first three warm caches up.
    if (time >= 3) delays.push((await bench.mark(job.id, 'S')) - began);
    await pause(GAP_MS);
  }
  emit('trigger-to-first-output', { n: delays.length, p50_ms: round(median(delays)), p95_ms: round(percentile(delays, 0.95)), aim_p50_ms: 120 });
}
