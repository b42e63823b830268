import type { HostView, MachinesView, MachineView, PoolView } from '#server/api';
import { count, listWords } from './numbers.ts';

/** How a pool stands up to what is asked of it; `behind`: jobs wait and there is no place for them. */
export type PoolPace = 'well' | 'starting' | 'behind' | 'troubled';

/** How a pool keeps up. */
export function paceOf(pool: PoolView): PoolPace {
  if (pool.problem !== null) return 'troubled';
  if (pool.waiting === 0) return 'well';
  return pool.busy >= pool.limit ? 'behind' : 'starting';
}

/** The answer to the machines page's question: is the pool keeping up? */
export function machinesSentence(view: MachinesView): string {
  const at = (pace: PoolPace): PoolView[] => view.pools.filter((pool) => paceOf(pool) === pace);
  const parts = [
    ...at('behind').map((pool) => `${pool.name} does not keep up: ${allInUse(pool)} and ${jobsWait(pool.waiting)}.`),
    ...at('starting').map((pool) => `${jobsWait(pool.waiting)} for ${pool.name}, whose machines are starting.`),
    ...at('troubled').map(troubleSentence),
    hostSentence(view.hosts),
    useSentence(view.pools),
  ];
  return parts.filter((part) => part !== '').join(' ');
}

function allInUse(pool: PoolView): string {
  return pool.limit === 1 ? 'its only place is in use' : `all ${pool.limit} places are in use`;
}

function jobsWait(waiting: number): string {
  return `${count(waiting, 'job')} ${waiting === 1 ? 'waits' : 'wait'}`;
}

function troubleSentence({ name, waiting }: PoolView): string {
  return `${name} has a problem${waiting === 0 ? '' : `, and ${jobsWait(waiting)} for it`}.`;
}

function hostSentence(hosts: readonly HostView[]): string {
  const drained = hosts.filter((host) => host.state === 'drained').map((host) => host.name);
  return drained.length === 0
    ? ''
    : `${drained.length === 1 ? 'Host' : 'Hosts'} ${listWords(drained)} ${drained.length === 1 ? 'is' : 'are'} drained.`;
}

function useSentence(pools: readonly PoolView[]): string {
  const sum = (of: (pool: PoolView) => number): number => pools.reduce((total, pool) => total + of(pool), 0);
  const use = `${sum((pool) => pool.busy)} of ${count(
    sum((pool) => pool.limit),
    'place',
  )} in use, ${count(
    sum((pool) => pool.ready),
    'machine',
  )} ready`;
  if (pools.some(({ waiting }) => waiting > 0)) return `${use}.`;
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
