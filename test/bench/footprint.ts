import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { join } from 'node:path';
import { packageRoot } from '../../server/src/config/index.ts';
import { temporaryFolder } from '../support/temporary.ts';
import { type Bench, emit, median, round } from './support.ts';

const IDLE_MS = 10_000;
const STARTS = 5;
const START = join(packageRoot(), 'server/launch/start.mjs');

/** What a server costs that does nothing. */
export async function idle(bench: Bench): Promise<void> {
  const before = await bench.usage();
  await pause(IDLE_MS);
  const after = await bench.usage();
  emit('idle', {
    server_rss_mb: after.rssMb,
    server_pss_mb: after.pssMb,
    cpu_percent: round(((after.cpuSeconds - before.cpuSeconds) * 100_000) / IDLE_MS, 2),
    aim: 'server_pss_mb < 160',
  });
}

/** From the command to the first page, on an installation that was started before. */
export async function coldStart(): Promise<void> {
  const home = await temporaryFolder();
  const times: number[] = [];
  for (let time = 0; time <= STARTS; time += 1) {
    const took = await startOnce(join(home.path, 'data'), 17_900 + time);
    // The first makes the database.
    if (time > 0) times.push(took);
  }
  await home.remove();
  emit('cold-start', {
    n: STARTS,
    first_page_p50_s: round(median(times) / 1000, 2),
    all_s: times.map((value) => round(value / 1000, 2)),
    aim_s: 1.2,
  });
}

async function startOnce(folder: string, port: number): Promise<number> {
  const began = performance.now();
  const server = spawn(process.execPath, [START], {
    env: { ...process.env, TERRARIUM_DATA: folder, PORT: String(port), TERRARIUM_SAMPLE: 'no' },
    stdio: 'ignore',
  });
  for (;;) {
    const page = await fetch(`http://127.0.0.1:${port}/`, { headers: { accept: 'text/html' } }).catch(() => null);
    if (page?.ok && (await page.text()).includes('<html')) break;
    if (server.exitCode !== null) throw new Error(`the server ended with ${server.exitCode}`);
    await pause(10);
  }
  const took = performance.now() - began;
  server.kill('SIGTERM');
  await once(server, 'exit');
  return took;
}
