import type { MachineState } from '#server/api';

/** What a machine's state may become; it fails from anywhere and is used once. */
export const MACHINE_TRANSITIONS: Readonly<Record<MachineState, readonly MachineState[]>> = {
  creating: ['ready', 'destroying', 'failed'],
  ready: ['assigned', 'destroying', 'failed'],
  assigned: ['destroying', 'failed'],
  destroying: ['gone', 'failed'],
  failed: ['destroying'],
  gone: [],
};

/** Throws if a machine may not go from `from` to `to`: a mistake in this program, never in its input. */
export function assertMachineTransition(from: MachineState, to: MachineState): void {
  if (!MACHINE_TRANSITIONS[from].includes(to)) throw new Error(`a machine cannot go from ${from} to ${to}`);
}
