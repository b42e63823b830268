/**
 * Every error that the core raises on purpose has one of these codes; whoever answers a client maps the code, never the message.
 * `status` is the HTTP status that fits it.
 */
export const CORE_ERROR_CODES = {
  'not-found': { status: 404, means: 'what was asked for does not exist' },
  unauthorized: { status: 401, means: 'nobody knows who is asking' },
  forbidden: { status: 403, means: 'who is asking may not do that' },
  invalid: { status: 400, means: 'the input does not make sense' },
  'rate-limited': { status: 429, means: 'too much of it, too often; try again later' },
  conflict: { status: 409, means: 'it does not fit how things stand now' },
  corrupt: { status: 500, means: 'what was stored is not what is there' },
  unavailable: { status: 503, means: 'something needed is not there now; try again' },
} as const;

/** One of the codes of `CORE_ERROR_CODES`. */
export type CoreErrorCode = keyof typeof CORE_ERROR_CODES;

/** The core's one error class. `message` is a sentence that says what happened and what to do; it may be shown to the client. */
export class CoreError extends Error {
  readonly code: CoreErrorCode;
  /** After how many seconds the same may succeed; null: not known. */
  readonly retryAfterSeconds: number | null;

  constructor(code: CoreErrorCode, message: string, options?: { cause?: unknown; retryAfterSeconds?: number }) {
    super(message, options);
    this.name = 'CoreError';
    this.code = code;
    this.retryAfterSeconds = options?.retryAfterSeconds ?? null;
  }

  /** The HTTP status that fits the code. */
  get status(): number {
    return CORE_ERROR_CODES[this.code].status;
  }
}

/** Whether `error` is a `CoreError`, of the given code if one is given. */
export function isCoreError(error: unknown, code?: CoreErrorCode): error is CoreError {
  return error instanceof CoreError && (code === undefined || error.code === code);
}

/** Whether `error` comes from the operating system with that code: `ENOENT`. */
export function isSystemError(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
