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
  /** Where a person may be let in: opens a login shell on a terminal of its own. It ends with the session. */
  shell?(terminal: Terminal, signal: AbortSignal): Promise<Shell>;
  dispose(): Promise<void>;
}

/** What a person's terminal is like; `type` as in TERM. */
export interface Terminal {
  readonly type: string;
  readonly columns: number;
  readonly rows: number;
}

/** A person's shell in a machine. */
export interface Shell {
  /** What it shows, in order; ends when the shell does. A reader that pauses holds the shell back. */
  readonly output: AsyncIterable<Uint8Array>;
  /** Resolves when the bytes may be considered typed. After the end it does nothing. */
  write(bytes: Uint8Array): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Resolves with the exit code, 255 where the shell was cut off. Never rejects. */
  readonly ended: Promise<number>;
  /** Ends it and what runs in its foreground. May be called again. */
  close(): void;
}
