import { UseTerms } from '#server/api';
import type { PlanLicense, WantedSeats } from '../license-types.ts';

/** For a job that needs no seat, of somebody who is trusted. */
export const NO_SEATS: WantedSeats = { needs: [], project: { name: 'a', groups: [] }, trust: 'trusted', isOverdue: false };

/** A licence pool that anybody may use, with `free` of two seats or more. */
export function license(product: string, free: number, changed: Partial<PlanLicense> = {}): PlanLicense {
  return {
    name: `${product}-pool`,
    product,
    versions: null,
    terms: UseTerms.parse({}),
    hosts: [],
    images: [],
    seats: Math.max(free, 2),
    outside: 0,
    free,
    mostPerProject: null,
    held: new Map(),
    reserved: new Map(),
    ...changed,
  };
}
