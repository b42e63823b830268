import type { MachineLife, MachineView } from '#server/api';

/** What a machine does between two of its moments. */
export type LifePart = 'making' | 'ready' | 'job' | 'ending';

/** A piece of a life, milliseconds. `to` is null while it lasts. */
export interface LifeSegment {
  part: LifePart;
  from: number;
  to: number | null;
}

/** A machine with what is known of it: its life, and its state while it lives. */
export interface LifeRow {
  life: MachineLife;
  machine: MachineView | null;
}

/** A life in its pieces: made, ready, at its job, being destroyed. What it never came to is left out; only the last piece can be unfinished. */
export function segmentsOf(life: MachineLife): LifeSegment[] {
  const marks: { part: LifePart; at: string | null }[] = [
    { part: 'making', at: life.createdAt },
    { part: 'ready', at: life.readyAt },
    { part: 'job', at: life.assignedAt },
    { part: 'ending', at: life.releasedAt },
  ];
  const begun = marks.flatMap(({ part, at }) => (at === null ? [] : [{ part, from: Date.parse(at) }]));
  const end = life.goneAt === null ? null : Date.parse(life.goneAt);
  return begun.map(({ part, from }, i) => {
    const to = begun[i + 1]?.from ?? end;
    return { part, from, to: to === null ? null : Math.max(from, to) };
  });
}

/** Lives after newer ones were read: each once. */
export function mergeLives(known: readonly MachineLife[], news: readonly MachineLife[]): MachineLife[] {
  const all = new Map([...known, ...news].map((life) => [life.id, life]));
  return [...all.values()];
}

/** The rows of a list: machines that live, newest first, then the lives that are over, the last first. `pool` leaves others out; empty: all. */
export function lifeRows(machines: readonly MachineView[], lives: readonly MachineLife[], pool: string): { living: LifeRow[]; over: LifeRow[] } {
  const byId = new Map(lives.map((life) => [life.id, life]));
  const isWanted = (candidate: { pool: string }): boolean => pool === '' || candidate.pool === pool;
  const present = new Set(machines.map((machine) => machine.id));
  const living = machines
    .filter(isWanted)
    .map((machine) => ({ machine, life: livingLife(machine, byId.get(machine.id)) }))
    .sort((a, b) => Date.parse(b.machine.createdAt) - Date.parse(a.machine.createdAt));
  const over = lives
    .filter((life) => isWanted(life) && !present.has(life.id))
    .sort((a, b) => endOf(b) - endOf(a) || a.id.localeCompare(b.id))
    .map((life) => ({ life, machine: null }));
  return { living, over };
}

/** One that was read while it lived ended just now, as far as is known. */
function endOf(life: MachineLife): number {
  return life.goneAt === null ? Infinity : Date.parse(life.goneAt);
}

/** A living machine's life, with what its state says where the life read before does not know it yet. */
function livingLife(machine: MachineView, life: MachineLife | undefined): MachineLife {
  const { id, pool, image, imageDigest, host, createdAt, since, state, reason } = machine;
  return {
    id,
    pool,
    image,
    imageDigest,
    host,
    createdAt,
    readyAt: life?.readyAt ?? (state === 'ready' ? since : null),
    assignedAt: life?.assignedAt ?? (state === 'assigned' ? since : null),
    releasedAt: life?.releasedAt ?? (state === 'destroying' ? since : null),
    goneAt: null,
    job: machine.job ?? life?.job ?? null,
    reason,
  };
}

/** Whether a life was read while it lasted and is over now: it must be read again. */
export function hasStale(machines: readonly MachineView[], lives: readonly MachineLife[]): boolean {
  const present = new Set(machines.map((machine) => machine.id));
  return lives.some((life) => life.goneAt === null && !present.has(life.id));
}
