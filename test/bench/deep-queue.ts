import { type Bench, emit, jobs, median, round } from './support.ts';

const DEPTH = 10_000;
const PROBES = 10;

/** How soon a job of another project begins while 10,000 wait, and what that many cost in memory. Compared with ten waiting. */
export async function deepQueue(bench: Bench): Promise<void> {
  const probe = await bench.project('probe', jobs(1, 'echo "MARK S $EPOCHREALTIME"'));
  const filler = await bench.project('filler', jobs(1000, 'sleep 3600'));
  const shallow = await bench.project('shallow', jobs(10, 'sleep 3600'));
  const ten = await bench.build(shallow);
  const withTen = await dispatch(bench, probe);
  await bench.api('POST', `/api/builds/${ten.id}/cancel`);
  const began = performance.now();
  const ids = [];
  for (let queued = 0; queued < DEPTH; queued += 1000) ids.push((await bench.build(filler)).id);
  const enqueue = performance.now() - began;
  const withAll = await dispatch(bench, probe);
  const asked = performance.now();
  await bench.api('GET', '/api/queue?limit=200');
  const { rssMb } = await bench.usage();
  emit('deep-queue', {
    queued: DEPTH,
    enqueue_s: round(enqueue / 1000, 2),
    dispatch_p50_ms: round(median(withAll)),
    dispatch_with_10_p50_ms: round(median(withTen)),
    queue_page_ms: round(performance.now() - asked),
    server_rss_mb: rssMb,
    aim: 'dispatch as with 10, RSS < 400 MB',
  });
  for (const id of ids) await bench.api('POST', `/api/builds/${id}/cancel`);
}

/** The fillers hold all machines, so each probe takes the turn of one that is cancelled for it. */
async function dispatch(bench: Bench, project: number): Promise<number[]> {
  const delays: number[] = [];
  for (let time = 0; time < PROBES; time += 1) {
    const { id } = await bench.build(project);
    const freed = Date.now();
    await freeOneMachine(bench);
    const [job] = (await bench.finished(id)).jobs;
    if (job?.state !== 'passed') throw new Error(`the probe ${job?.state}: ${job?.reason}`);
    delays.push((await bench.mark(job.id, 'S')) - freed);
  }
  return delays;
}

async function freeOneMachine(bench: Bench): Promise<void> {
  const { machines } = (await bench.api('GET', '/api/machines')) as { machines: { state: string; job: { id: number } | null }[] };
  const busy = machines.find((machine) => machine.state === 'assigned' && machine.job !== null);
  if (busy?.job) await bench.api('POST', `/api/jobs/${busy.job.id}/cancel`);
}
