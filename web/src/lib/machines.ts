import type { MachinesView, MachineView } from '#server/api';
import { count } from './numbers.ts';

/** The answer to the machines page's question: is the pool keeping up? */
export function machinesSentence(view: MachinesView): string {
  const busy = view.pools.reduce((sum, pool) => sum + pool.busy, 0);
  const limit = view.pools.reduce((sum, pool) => sum + pool.limit, 0);
  const full = view.pools.filter((pool) => pool.busy >= pool.limit && pool.limit > 0);
  const troubled = view.pools.filter((pool) => pool.problem !== null);
  const parts = [`${busy} of ${limit} machines busy.`];
  if (full.length > 0) parts.push(`${full.map((pool) => pool.name).join(', ')} ${full.length === 1 ? 'is' : 'are'} full.`);
  if (troubled.length > 0) parts.push(`${count(troubled.length, 'pool')} ${troubled.length === 1 ? 'has' : 'have'} a problem.`);
  return parts.join(' ');
}

/** The view after news of one machine; those that are gone leave the list. */
export function withMachine(view: MachinesView, machine: MachineView): MachinesView {
  const others = view.machines.filter((known) => known.id !== machine.id);
  if (machine.state === 'gone') return { ...view, machines: others };
  const isKnown = others.length < view.machines.length;
  const machines = isKnown ? view.machines.map((known) => (known.id === machine.id ? machine : known)) : [...view.machines, machine];
  return { ...view, machines };
}
