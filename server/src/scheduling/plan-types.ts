import type { ImageDescription, Interpreter, Isolation, Requirements } from '#plugins/api';
import type { IsolationDemand } from '../builds/isolation-demand.ts';
import type { PlanLicense, SeatReason, WantedSeats } from './license-types.ts';

/** Everything that a job demands of its machine. */
export interface Wanted extends Requirements {
  /** A pool whose machines are kept apart less well than this never fits. */
  readonly isolation: IsolationDemand;
}

/** A queued job. `order` is its place in the queue (smaller is earlier, unique); a higher `priority` goes first within its project. */
export interface QueuedJob {
  readonly jobId: number;
  readonly projectId: number;
  readonly order: number;
  readonly priority: number;
  readonly requirements: Wanted;
  readonly seats: WantedSeats;
}

/** A pool as it stands now. `limit`: jobs at once. `busy`: jobs on its machines now. `ready`: machines that could take a job now. */
export interface PlanPool {
  readonly name: string;
  readonly image: ImageDescription;
  readonly limit: number;
  readonly busy: number;
  readonly ready: number;
  /** Of the ready ones those on each host, where there are several. Absent: not known. */
  readonly readyOn?: ReadonlyMap<string, number>;
  /** What every job on its machines needs a seat of, as jobs name it. Absent: nothing. */
  readonly licenses?: readonly string[];
}

/** Everything that a plan depends on. `running`: jobs on machines now, by project; a project that is not there has none. */
export interface PlanInput {
  readonly queue: readonly QueuedJob[];
  /** In order of preference: a job that fits several goes to the first with a ready machine. */
  readonly pools: readonly PlanPool[];
  readonly running: ReadonlyMap<number, number>;
  /** In order of preference. Absent: there are none. */
  readonly licenses?: readonly PlanLicense[];
}

/** A job that gets a machine of that pool now. `interpreter` is what its wish came to; `note` says in words where that is not quite the wish. */
export interface Assignment {
  readonly jobId: number;
  readonly pool: string;
  readonly interpreter: Interpreter | null;
  readonly note: string | null;
  /** The licence pools of which it gets a seat each, by name. */
  readonly licenses: readonly string[];
  /** Its machine must be on one of these hosts; null: on any. */
  readonly hosts: readonly string[] | null;
}

/** Why a job gets no machine now. `explain` says it in words. */
export type WaitReason =
  /** Nothing here can ever run it: the job is to be errored. `offers` are the pools in words. */
  | { readonly kind: 'no-image'; readonly wanted: Requirements; readonly offers: readonly string[] }
  /** Nothing here that could run it is kept apart well enough: it is to be errored, too. `pools`: those that it would fit but for that. */
  | {
      readonly kind: 'too-weak';
      readonly demand: IsolationDemand;
      readonly pools: readonly { readonly name: string; readonly isolation: Isolation }[];
    }
  | SeatReason
  /** Every pool that fits runs all it may, or will when the jobs before have their machines; this is the first. `running` counts jobs. */
  | { readonly kind: 'pool-full'; readonly pool: string; readonly running: number; readonly limit: number }
  /** The pool may run the job too, but no machine of it is ready yet. */
  | { readonly kind: 'machine-starting'; readonly pool: string }
  /** The pool is full, and when a machine of it is free again, `projects` projects with fewer running jobs than this one's `running` go first. */
  | { readonly kind: 'share'; readonly pool: string; readonly running: number; readonly projects: number };

export interface Waiting {
  readonly jobId: number;
  readonly reason: WaitReason;
}

/** Every job of the queue is in exactly one of the lists, each in the order in which the jobs' turns come. */
export interface PlanResult {
  readonly assignments: readonly Assignment[];
  readonly waiting: readonly Waiting[];
}

/** What an interpreter wish came to. `note`: in words where it is not quite the wish (`3.6.1` gets 3.6.15); null where it is. */
export interface InterpreterMatch {
  readonly interpreter: Interpreter;
  readonly note: string | null;
}

/**
 * A pool as its keeper sees it: besides `PlanPool`, the machines on their way, how many are to be kept ready, how many of the ready ones have waited so
 * long that they are to be replaced, and how many more machines may exist.
 */
export interface KeptPool extends PlanPool {
  readonly creating: number;
  readonly wantedReady: number;
  readonly aged: number;
  readonly room: number;
}
