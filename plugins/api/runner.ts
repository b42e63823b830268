import { z } from 'zod';

/** How well a machine is kept apart from its host, strongest first. `sandbox` shares the host's kernel; `none` shares everything. */
export const Isolation = z.enum(['vm', 'sandbox', 'none']);
export type Isolation = z.infer<typeof Isolation>;

/** An interpreter that an image carries. */
export const Interpreter = z.object({
  /** As people ask for it: `3.11`, `2.7`, `pypy3.9`, `3.13t`. Lower case. */
  name: z.string(),
  implementation: z.string(),
  /** The full version, `3.11.7`. */
  version: z.string(),
  /** Absolute path of the executable inside a machine. */
  path: z.string(),
});
export type Interpreter = z.infer<typeof Interpreter>;

/** What the machines of an image are. */
export const ImageDescription = z.object({
  image: z.string(),
  system: z.string(),
  architecture: z.string(),
  isolation: Isolation,
  /** In words, for people: what exactly keeps a job apart here, and what does not. */
  isolationNote: z.string(),
  interpreters: z.array(Interpreter),
});
export type ImageDescription = z.infer<typeof ImageDescription>;

/** A file to put into a machine. */
export interface UploadFile {
  /** Relative to the session's folder; no `..`, no leading slash; parent folders are made. */
  readonly path: string;
  readonly content: Uint8Array | { readonly file: string };
  /** e.g. 0o600. */
  readonly mode: number;
}

/** How a command ended. `exitCode` is 128 + signal where a signal ended it. */
export interface ExecResult {
  readonly exitCode: number;
}

/**
 * A way into one machine. Calls may overlap. After `dispose`, or when the machine is gone, calls throw `unavailable`;
 * disposing never ends what runs detached inside.
 */
export interface Session {
  readonly system: 'posix' | 'windows';
  /** Absolute path inside the machine of an existing folder that belongs to this use alone. */
  readonly folder: string;
  /**
   * Runs `argv` (no shell in between; each element reaches the program unchanged) with an empty standard input and the folder as its
   * working directory. Output arrives in order, and all of it before the result. A failing command is a result, not an error.
   * Aborting kills its process tree and throws the signal's reason.
   */
  exec(argv: readonly string[], options: { readonly signal: AbortSignal; readonly onOutput?: (chunk: Uint8Array) => void }): Promise<ExecResult>;
  /** Puts files there; bytes pass unchanged; a file that exists is replaced. */
  upload(files: readonly UploadFile[], signal: AbortSignal): Promise<void>;
  /**
   * The bytes of a growing file from `offset` on, as they come, in chunks of any size; waits for more for ever. Ends when `signal` aborts.
   * `path` is relative to the folder. Throws `not-found` if the file is not there, `invalid` if it is no regular file or got shorter than
   * what was read, `unavailable` when the machine is gone or cannot be reached.
   */
  follow(path: string, offset: number, signal: AbortSignal): AsyncIterable<Uint8Array>;
  /** The bytes of a file as it is now. Same codes as `follow`. */
  download(path: string, signal: AbortSignal): AsyncIterable<Uint8Array>;
  dispose(): Promise<void>;
}

/**
 * Makes and destroys machines.
 *
 * Everything it makes is tagged with the installation and the id, so that a later process finds it. Codes: `exhausted` (no more
 * machines can be had now), `unavailable`, `not-found` (no such image), `invalid`.
 */
export interface RunnerDriver {
  /** What it can make. Called after `init`, may take a second; the core calls it at the start and on request. */
  describe(signal: AbortSignal): Promise<readonly ImageDescription[]>;
  /** Makes a machine ready for `connect`. The same id again gives the same machine. An aborted or failed create leaves nothing behind. */
  create(machine: { readonly id: string; readonly image: string }, signal: AbortSignal): Promise<void>;
  /** Removes it and everything it left: processes, mounts, files. Succeeds for an id that never existed or is half made. */
  destroy(id: string, signal: AbortSignal): Promise<void>;
  /** The ids of all that exists, half-made ones and those of earlier processes included. */
  list(signal: AbortSignal): Promise<readonly string[]>;
  /** Opens a way in. `unavailable` if the machine is not there or does not answer. May be called again after a disconnect. */
  connect(id: string, signal: AbortSignal): Promise<Session>;
  /**
   * Where a driver can tell: whether a machine that is still listed will never answer again, because its processes have ended. Then nobody waits for
   * it. Absent: only time can tell.
   */
  isLost?(id: string, signal: AbortSignal): Promise<boolean>;
}
