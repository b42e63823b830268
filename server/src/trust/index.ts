import type { Audit } from '../audit/audit.ts';
import type { Builds } from '../builds/builds.service.ts';
import type { Database } from '../database/index.ts';
import type { Sources } from '../projects/sources.ts';
import { Approvals } from './approvals.ts';
import { Contributors } from './contributors.ts';
import { Reviews } from './review.ts';
import { TrustDesk } from './trust-desk.ts';
import { Trust } from './trust.ts';

export interface TrustParts {
  readonly database: Database;
  readonly sources: Sources;
  /** See `wantedFiles`. */
  readonly wanted: readonly string[];
  readonly builds: Builds;
  readonly audit: Audit;
}

/** Everything about trust: whom projects trust, and what people do about it. */
export function trustOf({ database, sources, wanted, builds, audit }: TrustParts): { readonly trust: Trust; readonly desk: TrustDesk } {
  const people = new Contributors(database.pool);
  const trust = new Trust(database.pool, sources, people);
  const approvals = new Approvals(database, builds, audit);
  const reviews = new Reviews(database.pool, sources, wanted, approvals);
  return { trust, desk: new TrustDesk({ trust, people, approvals, reviews, audit }) };
}
