/** A value that no log may show. The name may be shown: a value that cannot be masked is reported by it. */
export interface Secret {
  readonly name: string;
  readonly value: string;
}

/** How a writer is opened. */
export interface OpenLogOptions {
  /** What to mask. Give the same secrets on every opening of an attempt: only then a resumed log equals an uninterrupted one. */
  readonly secrets: readonly Secret[];
  /**
   * Go on from no later place of the spool than this. For a caller who remembers how far it has dealt with the spool, so that it sees
   * everything after that place again. Absent: as late as the log allows.
   */
  readonly spoolLimit?: number;
}

/** A place in the stored log: `offset` in bytes, `line` counted from 0. */
export interface LogPosition {
  readonly offset: number;
  readonly line: number;
}

/**
 * Writes one attempt's log. Calls may overlap; they take effect in the order made. After a failed call (a full disk) every later one fails
 * the same way: open the log again then.
 */
export interface LogWriter {
  readonly attempt: number;
  /** Where the next chunk must continue: the number of spool bytes taken so far, or after opening the place to read the spool from. */
  readonly spoolOffset: number;
  /** Whether the log was finished; then nothing can be appended. */
  readonly complete: boolean;
  /** How many lines the stored log has; a last, unfinished one counts once it has a byte. What a `LogEvent` carries. */
  readonly lines: number;
  /** One sentence for each secret that cannot be masked; it names the secret, never its value. */
  readonly warnings: readonly string[];
  /**
   * Takes the spool's next bytes, which arrived at `atMs` (milliseconds since 1970). Resolves when they are in the file, so that every reader sees
   * them, save those at the end that may be the beginning of a secret. The chunk must not be changed before. Throws `conflict` once finished
   * or closed.
   */
  append(chunk: Uint8Array, atMs: number): Promise<void>;
  /**
   * How far the stored log goes: its size, and the line that its next byte belongs to. To find where a step begins, append the spool exactly
   * up to the step's offset and ask.
   */
  position(): LogPosition;
  /** Stores what was held back, makes everything durable and marks the log complete. Once is enough; more does nothing. */
  finish(): Promise<void>;
  /** Lets go of the files without marking the log complete. Does nothing the second time. */
  close(): Promise<void>;
}
