/**
 * Every error that crosses the plugin seam has one of these codes. The core decides by code, never by message.
 * `retry` says whether the same call may succeed later without anybody changing anything.
 */
export const ERROR_CODES = {
  'not-found': { retry: false, means: 'what was asked for does not exist' },
  unauthorized: { retry: false, means: 'the credentials are missing, wrong or not sufficient' },
  rejected: { retry: false, means: 'the other side understood and refused' },
  unsupported: { retry: false, means: 'this instance cannot do that' },
  invalid: { retry: false, means: 'the input does not make sense' },
  exhausted: { retry: true, means: 'nothing is left of what was asked for' },
  'rate-limited': { retry: true, means: 'asked too often; wait' },
  unavailable: { retry: true, means: 'the other side cannot be reached or is gone' },
} as const;

/** One of the codes of `ERROR_CODES`. */
export type ErrorCode = keyof typeof ERROR_CODES;

/** The one error class of the seams. `message` is a sentence that says what happened and what to do. */
export class PluginError extends Error {
  readonly code: ErrorCode;
  /** In how many seconds the other side wants to be asked again, at the earliest; null where it did not say. */
  readonly retryAfterSeconds: number | null;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown; retryAfterSeconds?: number | null }) {
    super(message, options);
    this.name = 'PluginError';
    this.code = code;
    this.retryAfterSeconds = options?.retryAfterSeconds ?? null;
  }

  /** Whether the same call may succeed later without anybody changing anything. */
  get retry(): boolean {
    return ERROR_CODES[this.code].retry;
  }
}

/** Whether `error` is a `PluginError`, of the given code if one is given. Works across copies of this module. */
export function isPluginError(error: unknown, code?: ErrorCode): error is PluginError {
  if (!(error instanceof Error) || error.name !== 'PluginError' || !('code' in error)) return false;
  return code === undefined || error.code === code;
}
