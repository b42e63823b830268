import { type Bench, MACHINES, emit, jobs, median, round } from './support.ts';

const REPEATS = 3;

interface Case {
  readonly name: string;
  readonly jobs: number;
  readonly seconds: number;
  readonly aim: string;
}

const CASES: readonly Case[] = [
  { name: '40 x sleep 2', jobs: 40, seconds: 2, aim: 'efficiency >= 0.93' },
  { name: '200 x sleep 0.2', jobs: 200, seconds: 0.2, aim: 'efficiency >= 0.80' },
  { name: '500 x true', jobs: 500, seconds: 0, aim: 'jobs_per_s >= 70' },
];

/** Many jobs of one build, each on a machine of its own, from the request to the last job's last command. */
export async function makespan(bench: Bench): Promise<void> {
  for (const one of CASES) {
    const script = one.seconds > 0 ? `sleep ${one.seconds}; echo "MARK E $EPOCHREALTIME"` : 'true; echo "MARK E $EPOCHREALTIME"';
    const project = await bench.project(`makespan-${one.jobs}`, jobs(one.jobs, script));
    const spans: number[] = [];
    const before = await bench.usage();
    for (let time = 0; time < REPEATS; time += 1) {
      await bench.ready();
      spans.push(await makespanOf(bench, project));
    }
    const after = await bench.usage();
    const middle = median(spans);
    emit('makespan', {
      case: one.name,
      machines: MACHINES,
      makespan_s: round(middle, 2),
      ...(one.seconds > 0 ? { efficiency: round((one.jobs * one.seconds) / MACHINES / middle, 3) } : {}),
      jobs_per_s: round(one.jobs / middle),
      all_s: spans.map((value) => round(value, 2)),
      server_cpu_ms_per_job: round(((after.cpuSeconds - before.cpuSeconds) * 1000) / (REPEATS * one.jobs)),
      aim: one.aim,
    });
  }
}

/** Builds the project once; from the request to the last mark `E` of its jobs. Seconds. */
export async function makespanOf(bench: Bench, project: number): Promise<number> {
  const began = Date.now();
  const { id } = await bench.build(project);
  const build = await bench.finished(id);
  const bad = build.jobs.find((job) => job.state !== 'passed');
  if (bad) throw new Error(`job ${bad.name} ${bad.state}: ${bad.reason}`);
  const ends = [];
  for (const job of build.jobs) ends.push(await bench.mark(job.id, 'E'));
  return (Math.max(...ends) - began) / 1000;
}
