import { deepQueue } from './deep-queue.ts';
import { coldStart, idle } from './footprint.ts';
import { liveLines } from './live-lines.ts';
import { logVolume } from './log-volume.ts';
import { makespan } from './makespan.ts';
import { Bench, MACHINES } from './support.ts';
import { trigger } from './trigger.ts';
import { vmPool, vmTrigger } from './vm-pool.ts';
import { vmRestore } from './vm-restore.ts';
import { webhooks } from './webhooks.ts';

const POOL = `pools: [{ name: local, runner: local, image: local, jobs: ${MACHINES}, ready: ${MACHINES} }]\n`;

/** Each bench has a server of its own, so that one does not pay for another's leavings. */
const BENCHES: Readonly<Record<string, { readonly config: string; readonly run: (bench: Bench) => Promise<void> }>> = {
  idle: { config: POOL, run: idle },
  trigger: { config: POOL, run: trigger },
  makespan: { config: POOL, run: makespan },
  'live-lines': { config: POOL, run: liveLines },
  'log-volume': { config: `${POOL}limits: { logMegabytes: 500 }\n`, run: logVolume },
  'deep-queue': { config: POOL, run: deepQueue },
};

/** These start what they need themselves. */
const OTHERS: Readonly<Record<string, () => Promise<void>>> = {
  'cold-start': coldStart,
  webhooks,
  'vm-restore': vmRestore,
  'vm-trigger': vmTrigger,
  'vm-pool': vmPool,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !Object.hasOwn(OTHERS, name) && !Object.hasOwn(BENCHES, name));
if (unknown.length > 0) {
  process.stderr.write(`There is no bench ${unknown.join(', ')}; there are: ${[...Object.keys(OTHERS), ...Object.keys(BENCHES)].join(', ')}.\n`);
  process.exit(2);
}
for (const [name, run] of Object.entries(OTHERS)) if (wanted.length === 0 || wanted.includes(name)) await run();
for (const [name, { config, run }] of Object.entries(BENCHES)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  const bench = await Bench.open(config);
  try {
    await run(bench);
  } finally {
    await bench.close();
  }
}
