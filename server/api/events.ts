import type { BuildSummary, JobSummary, MachineView, StepView } from './views.ts';

/**
 * Live events (Socket.IO, path `/socket.io`). A client takes a snapshot by HTTP after `subscribe` has been acknowledged, then applies events; after
 * a reconnect it subscribes and takes the snapshot again. Events may come twice or be skipped while a client is slow: each carries the
 * whole new state of its thing, and `log` carries offsets, so a gap is seen and fetched by HTTP.
 */
export interface ServerToClientEvents {
  build: (build: BuildSummary) => void;
  job: (job: JobSummary) => void;
  step: (event: { jobId: number; attempt: number; step: StepView }) => void;
  log: (event: LogEvent) => void;
  machine: (machine: MachineView) => void;
  /** The queue or a pool changed: how many wait. At most every 250 ms. */
  queue: (event: { total: number }) => void;
}

/**
 * A log grew: it now has `size` bytes and `lines` lines. `data`, if there, is the bytes [offset, offset + data.length), which end at `size`;
 * it is left out where much came at once or the client is slow: fetch the range then.
 */
export interface LogEvent {
  jobId: number;
  attempt: number;
  size: number;
  lines: number;
  /** Milliseconds since 1970 when it arrived. */
  at: number;
  complete: boolean;
  offset?: number;
  data?: Uint8Array;
}

/** What a client may listen to. `build:ID` has its jobs too; `job:ID` has its steps and its build; `log:ID` its log. */
export type Topic = 'projects' | 'queue' | 'machines' | `project:${number}` | `build:${number}` | `job:${number}` | `log:${number}`;

export interface ClientToServerEvents {
  /** Acknowledged with null once events flow, or with a sentence that says why not. */
  subscribe: (topic: Topic, acknowledge: (problem: string | null) => void) => void;
  unsubscribe: (topic: Topic) => void;
}
