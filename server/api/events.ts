import type { BuildSummary, JobSummary, StepView } from './views.ts';
import type { MachineView } from './machines.ts';

/**
 * Live events (Socket.IO, path `/socket.io`). A client takes a snapshot by HTTP after `subscribe` has been acknowledged, then applies events; after
 * a reconnect it subscribes and takes the snapshot again. Events may come twice or be skipped while a client is slow: each carries the
 * whole new state of its thing, and `log` carries offsets, so a gap is seen and fetched by HTTP. Who may not read all projects is told only of those he may: of no
 * other build, of a queue of his own jobs, of machines without the others' jobs. When what he may changes, the connection is closed by the server: connect again.
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

/**
 * A person's shell in a job's machine: Socket.IO namespace `/shell`, a token or session with the right to shells and the role developer on the job's
 * project, one shell a connection.
 * The client sends `open` and waits for its acknowledgement; then bytes go both ways until `ended`. Closing the connection ends the shell.
 */
export interface ShellClientToServerEvents {
  /** Acknowledged with null once the shell is open, or with a sentence that says why not. */
  open: (wish: { jobId: number; term: string; columns: number; rows: number }, acknowledge: (problem: string | null) => void) => void;
  /** What was typed. Acknowledged when it has been taken: send the next piece then. */
  input: (data: Uint8Array, acknowledge: () => void) => void;
  resize: (size: { columns: number; rows: number }) => void;
}

/** See `ShellClientToServerEvents`. */
export interface ShellServerToClientEvents {
  /** What the shell shows. Acknowledge it when it has been shown: until then nothing more is sent. */
  output: (data: Uint8Array, acknowledge: () => void) => void;
  /** The shell is over; `exitCode` 255 where it was cut off, then `reason` says why. */
  ended: (end: { exitCode: number; reason: string | null }) => void;
}

/** What a client may listen to. `build:ID` has its jobs too; `job:ID` has its steps and its build; `log:ID` its log. */
export type Topic = 'projects' | 'queue' | 'machines' | `project:${number}` | `build:${number}` | `job:${number}` | `log:${number}`;

export interface ClientToServerEvents {
  /** Acknowledged with null once events flow, or with a sentence that says why not. */
  subscribe: (topic: Topic, acknowledge: (problem: string | null) => void) => void;
  unsubscribe: (topic: Topic) => void;
}
