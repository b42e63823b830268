import { once } from 'node:events';
import { type Bench, emit, jobs, median, percentile, round } from './support.ts';

const LINES = 100;
const VIEWERS = [1, 50];

/** From the moment a job prints a line to its arrival at each viewer of the log. */
export async function liveLines(bench: Bench): Promise<void> {
  // `read -t` waits without a process of its own.
  const script = `exec 9<> <(:); for n in $(seq ${LINES}); do read -t 0.05 -u 9; echo "LINE $n $EPOCHREALTIME"; done; true`;
  const project = await bench.project('live-lines', jobs(1, `sleep 1; ${script}`));
  for (const viewers of VIEWERS) {
    const build = await bench.build(project);
    const [job] = build.jobs;
    if (!job) throw new Error('the build has no job');
    const delays: number[] = [];
    const sockets = await Promise.all(Array.from({ length: viewers }, () => bench.listen([`log:${job.id}`])));
    const ends = sockets.map((socket) => {
      const decoder = new TextDecoder();
      let rest = '';
      socket.on('log', ({ data }) => {
        const now = Date.now();
        if (data === undefined) return;
        const lines = (rest + decoder.decode(data, { stream: true })).split('\n');
        rest = lines.pop() ?? '';
        for (const line of lines) {
          const printed = /^LINE \d+ (\d+[.,]\d+)$/.exec(line)?.[1];
          if (printed !== undefined) delays.push(now - Number(printed.replace(',', '.')) * 1000);
        }
      });
      return new Promise<void>((resolve) => socket.on('log', (event) => event.complete && resolve()));
    });
    await Promise.all(ends);
    for (const socket of sockets) {
      socket.disconnect();
      if (socket.connected) await once(socket as unknown as NodeJS.EventEmitter, 'disconnect');
    }
    emit('line-delay', {
      viewers,
      lines_seen: delays.length,
      lines_sent: LINES * viewers,
      p50_ms: round(median(delays)),
      p95_ms: round(percentile(delays, 0.95)),
      aim_p95_ms: 60,
    });
  }
}
