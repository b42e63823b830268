import { type Bench, emit, jobs, median, round } from './support.ts';

const MEGABYTES = 200;
const REPEATS = 3;

/** One job that prints 200 MB of lines as fast as it can, until all of it is stored and its verdict written; then reading it back. */
export async function logVolume(bench: Bench): Promise<void> {
  const line = 'The quick brown frog jumps over the lazy newt. '.repeat(2).slice(0, 79);
  const project = await bench.project('log-volume', jobs(1, `yes "${line}" | head -c ${MEGABYTES}000000`));
  const rates: number[] = [];
  const reads: number[] = [];
  const cpu: number[] = [];
  for (let time = 0; time < REPEATS; time += 1) {
    const before = await bench.usage();
    const { id } = await bench.build(project);
    const [job] = (await bench.finished(id)).jobs;
    if (!job?.startedAt || !job.finishedAt || job.state !== 'passed') throw new Error(`the job of the log bench ${job?.state}: ${job?.reason}`);
    rates.push(MEGABYTES / ((Date.parse(job.finishedAt) - Date.parse(job.startedAt)) / 1000));
    cpu.push((await bench.usage()).cpuSeconds - before.cpuSeconds);
    const began = performance.now();
    const response = await fetch(`${bench.server.url}/api/jobs/${job.id}/log`, { headers: { authorization: `Bearer ${bench.server.token}` } });
    const bytes = (await response.arrayBuffer()).byteLength;
    reads.push(bytes / 1e6 / ((performance.now() - began) / 1000));
  }
  const { peakRssMb } = await bench.usage();
  emit('log-volume', {
    megabytes: MEGABYTES,
    write_mb_per_s: round(median(rates)),
    read_mb_per_s: round(median(reads)),
    server_cpu_s: round(median(cpu), 2),
    server_peak_rss_mb: peakRssMb,
    aim: 'write_mb_per_s >= 60',
  });
}
