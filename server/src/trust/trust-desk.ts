import type { Contributor } from '#plugins/api';
import type { ContributorView, ReviewView } from '#server/api';
import type { Audit } from '../audit/audit.ts';
import type { Approvals } from './approvals.ts';
import type { Contributors } from './contributors.ts';
import type { Reviews } from './review.ts';
import type { Decision } from './sql/decide-held.ts';
import type { Trust } from './trust.ts';

/** What people do about trust, by button or by comment; all of it is written down. Whether they may is not decided here. */
export class TrustDesk {
  constructor(
    private readonly parts: {
      readonly trust: Trust;
      readonly people: Contributors;
      readonly approvals: Approvals;
      readonly reviews: Reviews;
      readonly audit: Audit;
    },
  ) {}

  /** See `Reviews.of`. */
  review(buildId: number, signal: AbortSignal): Promise<ReviewView> {
    return this.parts.reviews.of(buildId, signal);
  }

  /** See `Approvals.decide`. */
  decide(decision: Decision): Promise<void> {
    return this.parts.approvals.decide(decision);
  }

  contributors(projectId: number): Promise<ContributorView[]> {
    return this.parts.people.list(projectId);
  }

  /** Trusts the account that has that name at the project's code host now. Throws `not-found` where there is none. */
  async trust(projectId: number, name: string, by: string, signal: AbortSignal): Promise<void> {
    await this.trustAccount(projectId, await this.parts.trust.find(projectId, name, signal), by);
  }

  /** Trusts just that account. */
  async trustAccount(projectId: number, account: Contributor, by: string): Promise<void> {
    await this.parts.people.add(projectId, account, by);
    await this.parts.audit.note({
      who: by,
      action: 'contributor.trust',
      target: `project ${projectId}`,
      details: { name: account.name, id: account.id },
    });
  }

  /** Throws `not-found`. */
  async distrust(projectId: number, name: string, by: string): Promise<void> {
    await this.parts.people.remove(projectId, name);
    await this.parts.audit.note({ who: by, action: 'contributor.distrust', target: `project ${projectId}`, details: { name } });
  }
}
