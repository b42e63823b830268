import type { Requirements } from '#plugins/api';
import { orBetter, whoDemands } from '../builds/isolation-demand.ts';
import { explainSeats, isSeatReason } from './explain-seats.ts';
import type { WaitReason } from './plan-types.ts';

/** A reason in words, for people; a sentence without its full stop. */
export function explain(reason: WaitReason): string {
  if (reason.kind === 'machine-starting') return `waits for a machine: pool ${reason.pool} is getting one ready`;
  if (reason.kind === 'pool-full') return explainFull(reason.pool, reason.running, reason.limit);
  if (reason.kind === 'share') return explainShare(reason.pool, reason.running, reason.projects);
  if (reason.kind === 'too-weak') return explainWeak(reason);
  if (isSeatReason(reason)) return explainSeats(reason);
  return `no machine here has ${describe(reason.wanted)}: ${offered(reason.offers)}`;
}

function explainWeak({ demand, pools }: Extract<WaitReason, { kind: 'too-weak' }>): string {
  const there = pools.map(({ name, isolation }) => `pool ${name}: ${isolation}`).join(', ');
  return `no machine here is kept apart as ${orBetter(demand.level)}, which ${whoDemands(demand)}: there is ${there}`;
}

function explainShare(pool: string, running: number, projects: number): string {
  const others = projects === 1 ? '1 project with fewer goes' : `${projects} projects with fewer go`;
  return `waits for its share: its project has ${running} running already, and ${others} first in pool ${pool}`;
}

function explainFull(pool: string, running: number, limit: number): string {
  const state = `pool ${pool} has ${running} of ${limit} running`;
  return running < limit
    ? `waits for a machine: ${state}, and the machines it is getting ready are for earlier jobs`
    : `waits for a machine: ${state}`;
}

function describe({ system, architecture, interpreter, image, compiler }: Requirements): string {
  const parts = interpreter === null ? [] : [`Python ${interpreter}`];
  if (compiler !== undefined) parts.push(interpreter === null || compiler.includes(' ') ? compiler : `the ${compiler} for it`);
  if (image !== null) parts.push(`image ${image}`);
  parts.push([system, architecture].filter((part) => part !== null).join(' '));
  return parts.join(' on ');
}

function offered(offers: readonly string[]): string {
  return offers.length === 0 ? 'there is no pool at all' : `there is ${offers.join('; ')}`;
}
