import type { UseTerms } from '#server/api';
import type { SeatTrust, TermsProject } from '../licenses/terms.ts';
import type { VersionRange } from '../licenses/versions.ts';

/** The seats that a job needs. */
export interface WantedSeats {
  /** As jobs name them: `msvc-2015`, `oracle-sdk 12.1`. Those that its machine needs come besides. */
  readonly needs: readonly string[];
  readonly project: TermsProject;
  readonly trust: SeatTrust;
  /** It has waited so long that free seats are kept for it. */
  readonly isOverdue: boolean;
}

/** A licence pool as it stands now. */
export interface PlanLicense {
  readonly name: string;
  readonly product: string;
  /** Null: it is for all versions. */
  readonly versions: VersionRange | null;
  readonly terms: UseTerms;
  /** Only machines on these hosts, and of these images; empty: any. */
  readonly hosts: readonly string[];
  readonly images: readonly string[];
  /** Seats that may be used now. */
  readonly seats: number;
  /** Seats that it would have besides, were they not taken at the product's own licence server by others. */
  readonly outside: number;
  /** Not above `seats`. */
  readonly free: number;
  /** Seats that one project may have at once; null: all. */
  readonly mostPerProject: number | null;
  /** Seats that jobs have, by project. */
  readonly held: ReadonlyMap<number, number>;
  /** Seats that are kept for projects now; those they have count. */
  readonly reserved: ReadonlyMap<number, number>;
}

/** Why a job gets no seat now. */
export type SeatReason =
  /** There is no licence of a product that it needs: it is to be errored. `offers`: products that there are. */
  | { readonly kind: 'no-license'; readonly need: string; readonly offers: readonly string[] }
  /** There are, but none that its project may use: it is to be errored. Whom they are for is told to admins alone. */
  | { readonly kind: 'not-licensed'; readonly need: string }
  /** Its change is a stranger's, and those are given no seats, or not even if they are approved: it is to be errored. */
  | { readonly kind: 'unlicensed'; readonly need: string; readonly evenIfApproved: boolean }
  /** They are tied to machines that are not those that it could run on: it is to be errored. `ties`: in words. */
  | { readonly kind: 'tied'; readonly need: string; readonly ties: string }
  /** They are tied to hosts, on which no machine is ready. */
  | { readonly kind: 'no-machine-there'; readonly need: string; readonly hosts: readonly string[] }
  /** All seats of a product are taken, here or outside, in quarantine, reserved, or kept for a job that has waited longer. */
  | { readonly kind: 'no-seat'; readonly need: string; readonly seats: number; readonly reserved: number; readonly outside: number }
  /** Its project has all the seats of a product that one project may have. */
  | { readonly kind: 'seat-cap'; readonly need: string; readonly most: number };

/** Reasons that no time changes. */
export const NEVER: ReadonlySet<string> = new Set<SeatReason['kind']>(['no-license', 'not-licensed', 'unlicensed', 'tied']);

/** The product of what a job needs: `oracle-sdk` of `oracle-sdk 12.1`. */
export function productOf(need: string): string {
  return need.split(' ', 1)[0] ?? need;
}
