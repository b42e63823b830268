import type { HostView, MachinesView, MachineView, PoolHistory, PoolView } from '#server/api';
import { count, listWords } from './numbers.ts';
import { samplesOf, withNow } from './pool-history.ts';

/** How a pool stands up to what is asked of it; `behind`: jobs wait and there is no place for them. */
export type PoolPace = 'well' | 'starting' | 'behind' | 'troubled';

/** How a pool keeps up, given how many jobs wait for it. */
export function paceOf(pool: PoolView, waiting: number): PoolPace {
  if (pool.problem !== null) return 'troubled';
  if (waiting === 0) return 'well';
  return pool.busy >= pool.limit ? 'behind' : 'starting';
}

/** The answer to the machines page's question: is the pool keeping up? `now` in milliseconds since 1970. */
export function machinesSentence(view: MachinesView, history: readonly PoolHistory[], now: number): string {
  const paces = view.pools.map((pool) => {
    const waiting = withNow(samplesOf(history, pool.name), pool, now).at(-1)?.waiting ?? 0;
    return { pool, waiting, pace: paceOf(pool, waiting) };
  });
  const behind = paces.filter(({ pace }) => pace === 'behind');
  const starting = paces.filter(({ pace }) => pace === 'starting');
  const parts = [
    ...behind.map(({ pool, waiting }) => `${pool.name} does not keep up: ${allInUse(pool)} and ${jobsWait(waiting)}.`),
    ...starting.map(({ pool, waiting }) => `${jobsWait(waiting)} for ${pool.name}, whose machines are starting.`),
    ...paces.filter(({ pace }) => pace === 'troubled').map(({ pool, waiting }) => troubleSentence(pool, waiting)),
    hostSentence(view.hosts),
    useSentence(
      view.pools,
      paces.every(({ waiting }) => waiting === 0),
    ),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function allInUse(pool: PoolView): string {
  return pool.limit === 1 ? 'its only place is in use' : `all ${pool.limit} places are in use`;
}

function jobsWait(waiting: number): string {
  return `${count(waiting, 'job')} ${waiting === 1 ? 'waits' : 'wait'}`;
}

function troubleSentence(pool: PoolView, waiting: number): string {
  return `${pool.name} has a problem${waiting === 0 ? '' : `, and ${jobsWait(waiting)} for it`}.`;
}

function hostSentence(hosts: readonly HostView[]): string {
  const drained = hosts.filter((host) => host.state === 'drained').map((host) => host.name);
  return drained.length === 0
    ? ''
    : `${drained.length === 1 ? 'Host' : 'Hosts'} ${listWords(drained)} ${drained.length === 1 ? 'is' : 'are'} drained.`;
}

function useSentence(pools: readonly PoolView[], isKeepingUp: boolean): string {
  const sum = (of: (pool: PoolView) => number): number => pools.reduce((total, pool) => total + of(pool), 0);
  const use = `${sum((pool) => pool.busy)} of ${count(
    sum((pool) => pool.limit),
    'place',
  )} in use, ${count(
    sum((pool) => pool.ready),
    'machine',
  )} ready`;
  if (!isKeepingUp) return `${use}.`;
  const isWell = pools.every((pool) => pool.problem === null);
  const answer = isWell ? `${pools.length === 1 ? 'The pool keeps' : 'The pools keep'} up: ${use}` : use;
  return `${answer}, no job waits for a machine.`;
}

/** The view after news of one machine; those that are gone leave the list. */
export function withMachine(view: MachinesView, machine: MachineView): MachinesView {
  const others = view.machines.filter((known) => known.id !== machine.id);
  if (machine.state === 'gone') return { ...view, machines: others };
  const isKnown = others.length < view.machines.length;
  const machines = isKnown ? view.machines.map((known) => (known.id === machine.id ? machine : known)) : [...view.machines, machine];
  return { ...view, machines };
}
