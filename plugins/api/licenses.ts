/** Somebody who has seats of a feature at a licence server. */
export interface LicenseUse {
  readonly user: string;
  readonly host: string;
  /** Seats of this one use: mostly 1. */
  readonly seats: number;
  /** When it was checked out, as exactly as the server says it, which may be to the minute; null where it does not. */
  readonly since: Date | null;
  /** Whether it is one of this installation's jobs, by the instance's configuration: any other is somebody outside of it. */
  readonly isOurs: boolean;
  /** What the server calls this very use; null where it cannot be named, and so not be removed. Opaque to the core. */
  readonly handle: string | null;
}

/** What a licence server says of one feature. */
export interface LicenseCount {
  /** Seats there are in all. */
  readonly seats: number;
  readonly uses: readonly LicenseUse[];
}

/**
 * A product's own licence server, whose seats others use, too. The core counts leases of its own jobs itself; it asks this for what those do not show: how many seats there are,
 * and who else has some. Clients in the machines take and give back their seats at the server by themselves.
 *
 * Calls may overlap. Codes: `not-found` (the server has no such feature), `unavailable` (it does not answer, or its program cannot be run), `unauthorized`,
 * `rejected` (it answers what cannot be understood).
 */
export interface LicenseBackend {
  /** How a feature stands now. The answer is whole or the call fails: a use that is not told of would be given away twice. */
  count(feature: string, signal: AbortSignal): Promise<LicenseCount>;
  /** Where the server can be told to: frees what a client has left that was killed. Succeeds where the use is gone by now. */
  remove?(feature: string, use: LicenseUse, signal: AbortSignal): Promise<void>;
}
