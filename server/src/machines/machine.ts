import { randomBytes } from 'node:crypto';
import type { ImageDescription, MachineOrigin } from '#plugins/api';
import type { MachineState } from '#server/api';
import { assertMachineTransition } from './machine-states.ts';

/** A machine as its pool knows it. */
export class Machine {
  private current: MachineState;
  private moved = new Date();
  /** Where it is and what it was made from; known once it is made. */
  origin: MachineOrigin = { host: null, digest: null };
  /** What it was made from, as its pool knew that image then. */
  image: ImageDescription | null = null;
  /** By which its job reaches the cache of packages; null: not at all. */
  packages: string | null = null;
  /** Why it is as it is, in words, where the state does not say it. */
  reason: string | null = null;
  /** Why it was destroyed, in words, where that was not its job's end. */
  ending: string | null = null;
  /** False where its driver had no place for it: then there is nothing to remember of it. */
  wasBegun = true;
  /** It will never answer again, by its driver's word, and could not be destroyed yet. */
  isLost = false;
  /** The job that it was given. */
  jobId: number | null = null;
  readyAt: Date | null = null;
  assignedAt: Date | null = null;
  /** When its job was over. */
  releasedAt: Date | null = null;

  constructor(
    readonly id: string,
    readonly pool: string,
    state: MachineState,
    readonly createdAt = new Date(),
  ) {
    this.current = state;
  }

  get state(): MachineState {
    return this.current;
  }

  /** When it entered its state. */
  get since(): Date {
    return this.moved;
  }

  move(to: MachineState, reason: string | null = null): void {
    assertMachineTransition(this.current, to);
    this.moved = new Date();
    if (to === 'ready') this.readyAt ??= this.moved;
    if (to === 'assigned') this.assignedAt ??= this.moved;
    if (to === 'destroying') this.ends(reason);
    this.current = to;
    this.reason = reason;
  }

  private ends(reason: string | null): void {
    if (this.assignedAt !== null) this.releasedAt ??= this.moved;
    this.ending = reason;
  }
}

/** A name that no machine had before: 12 characters of `0-9a-v`. */
export function newMachineId(): string {
  return `m${BigInt(`0x${randomBytes(8).toString('hex')}`)
    .toString(32)
    .padStart(13, '0')
    .slice(-11)}`;
}
