/** What can be wrong with the database, by code; the message is a sentence that says what to do. */
export type DatabaseErrorCode =
  /** Embedded: another process uses this data folder. */
  | 'in-use'
  /** Embedded: the data folder, the account or the binaries cannot be used as they are. */
  | 'unusable'
  /** Embedded: the data was written by another major version of PostgreSQL. */
  | 'version'
  /** No space left on the disk. */
  | 'disk-full'
  /** The server is reached, but refuses us: wrong password, no such database, not allowed. */
  | 'refused'
  /** The server is older than we support. */
  | 'too-old'
  /** The schema was written by a newer Terrarium, or a migration is not the one that was applied. */
  | 'schema'
  /** A migration failed; nothing of it was kept. */
  | 'migration';

/** The one error class of this folder for what an operator can act on. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;

  constructor(code: DatabaseErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'DatabaseError';
    this.code = code;
  }
}

/** The code of a Node or PostgreSQL error (`ENOENT`, `40001`), or undefined. */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}

/** The message of anything thrown. An AggregateError (several addresses tried) has its messages in its parts. */
export function messageOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
