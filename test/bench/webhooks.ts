import { setTimeout as pause } from 'node:timers/promises';
import type { DeliveryView } from '#server/api';
import { type Called, HookCaller, allDeliveries, hookApp, preparePush } from '../support/webhooks.ts';
import { Bench, emit, percentile, round } from './support.ts';

const PER_SECOND = 200;
const SECONDS = 30;
const KILLED_SECONDS = 10;
/** So many warm caches and compilers up before anything is measured. */
const WARM_UP = 400;
const FIRST_KILLED = 1_000_000;
const FIRST_WARM = 2_000_000;
const FIRST_UNSIGNED = 3_000_000;
const UNSIGNED_SECONDS = 10;

/** Many signed webhooks at once: how soon they are acknowledged, and that none of those is lost, not even when the server is killed. */
export async function webhooks(): Promise<void> {
  const { app, config } = hookApp();
  const plugins = [
    { plugin: 'runner-local', name: 'local' },
    { plugin: 'scm-github', name: 'github', config },
  ];
  const bench = await Bench.open(JSON.stringify({ plugins, pools: [{ name: 'local', runner: 'local', image: 'local', jobs: 1, ready: 1 }] }));
  try {
    const caller = new HookCaller(`${bench.server.url}/api/hooks/github`, app.webhookSecret);
    await caller.sendAll(prepare(FIRST_WARM, WARM_UP), PER_SECOND);
    await steady(bench, caller);
    await unsigned(bench);
    await killed(bench, caller);
  } finally {
    await bench.close();
  }
}

async function steady(bench: Bench, caller: HookCaller): Promise<void> {
  const before = await bench.usage();
  const called = await caller.sendAll(prepare(0, PER_SECOND * SECONDS), PER_SECOND);
  const after = await bench.usage();
  const sent = performance.now();
  const worked = await workedOn(bench);
  const times = called.filter(({ status }) => status === 202).map(({ ms }) => ms);
  emit('webhooks', {
    per_second: PER_SECOND,
    answers: answersOf(called),
    p50_ms: round(percentile(times, 0.5)),
    p99_ms: round(percentile(times, 0.99)),
    max_ms: round(Math.max(...times)),
    ...fateOf(called, worked),
    all_worked_on_after_ms: round(performance.now() - sent, 0),
    server_cpu_percent: round(((after.cpuSeconds - before.cpuSeconds) * 100) / SECONDS),
    server_peak_rss_mb: after.peakRssMb,
    aim_p99_ms: 250,
  });
}

/** Calls that are signed wrongly are turned away, and should cost less than those that are not. */
async function unsigned(bench: Bench): Promise<void> {
  const caller = new HookCaller(`${bench.server.url}/api/hooks/github`, 'not the secret');
  const before = await bench.usage();
  const called = await caller.sendAll(prepare(FIRST_UNSIGNED, PER_SECOND * UNSIGNED_SECONDS), PER_SECOND);
  const after = await bench.usage();
  const times = called.map(({ ms }) => ms);
  emit('webhooks-unsigned', {
    per_second: PER_SECOND,
    answers: answersOf(called),
    p50_ms: round(percentile(times, 0.5)),
    p99_ms: round(percentile(times, 0.99)),
    server_cpu_percent: round(((after.cpuSeconds - before.cpuSeconds) * 100) / UNSIGNED_SECONDS),
  });
}

async function killed(bench: Bench, caller: HookCaller): Promise<void> {
  const prepared = prepare(FIRST_KILLED, PER_SECOND * KILLED_SECONDS);
  const sending = caller.sendAll(prepared, PER_SECOND);
  await pause((KILLED_SECONDS * 1000) / 2);
  const began = performance.now();
  await bench.server.kill('SIGKILL');
  await bench.server.restart();
  const away = performance.now() - began;
  const called = await sending;
  const unanswered = new Set(called.filter(({ status }) => status === null).map(({ id }) => id));
  const ofFirst = fateOf(called, await workedOn(bench));
  // As who looks after a code host has them sent again: those that were written down just before the kill were taken already.
  const again = await caller.sendAll(
    prepared.filter(({ id }) => unanswered.has(id)),
    PER_SECOND,
  );
  const all = new Set(prepared.map(({ id }) => id));
  const ours = (await workedOn(bench)).filter(({ hostId }) => all.has(hostId ?? ''));
  emit('webhooks-killed', {
    per_second: PER_SECOND,
    answers: answersOf(called),
    ...ofFirst,
    away_ms: round(away, 0),
    sent_again: answersOf(again),
    of_all_sent: prepared.length,
    of_all_there: ours.length,
    aim: 'acknowledged_but_lost and twice are 0; of_all_there is of_all_sent',
  });
}

function prepare(first: number, count: number): ReturnType<typeof preparePush>[] {
  return Array.from({ length: count }, (_, index) => preparePush(first + index));
}

function answersOf(called: readonly Called[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status } of called) counts[status ?? 'none'] = (counts[status ?? 'none'] ?? 0) + 1;
  return counts;
}

/** What became of those that were acknowledged. */
function fateOf(called: readonly Called[], known: readonly DeliveryView[]): { acknowledged: number; acknowledged_but_lost: number; twice: number } {
  const acknowledged = called.filter(({ status }) => status === 202);
  const there = new Set(known.map(({ hostId }) => hostId));
  const lost = acknowledged.filter(({ id }) => !there.has(id)).length;
  return { acknowledged: acknowledged.length, acknowledged_but_lost: lost, twice: known.length - there.size };
}

/** All deliveries, once every one of them was worked on. Throws if one came to anything else than that nobody has a project of it. */
async function workedOn(bench: Bench): Promise<DeliveryView[]> {
  for (;;) {
    const all = await allDeliveries((path) => bench.api('GET', path));
    if (all.every(({ state }) => state !== 'received')) {
      const other = all.find(({ state, outcome }) => state !== 'ignored' || outcome?.startsWith('no project here is of') !== true);
      if (other !== undefined) throw new Error(`delivery ${other.id} was ${other.state}: ${other.outcome}`);
      return all;
    }
    await pause(100);
  }
}
