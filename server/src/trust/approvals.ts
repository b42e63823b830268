import type { ApprovalView } from '#server/api';
import type { Audit } from '../audit/audit.ts';
import type { Builds } from '../builds/builds.service.ts';
import type { Database } from '../database/index.ts';
import { type Decision, decideHeld } from './sql/decide-held.ts';

/** What maintainers say of held builds. */
export class Approvals {
  constructor(
    private readonly database: Database,
    private readonly builds: Builds,
    private readonly audit: Audit,
  ) {}

  /**
   * Lets a held build run, or refuses it, for just the commit that somebody looked at. Throws `not-found`; `conflict` where the build is of another commit, was
   * decided or was superseded.
   */
  async decide(decision: Decision): Promise<void> {
    const { buildId, commit, by, via } = decision;
    await this.builds.decideHeld(buildId, decision.decision, (client) => decideHeld(client, decision));
    const action = decision.decision === 'approved' ? 'change.approve' : 'change.refuse';
    await this.audit.note({ who: by, action, target: `build ${buildId}`, details: { commit, via } });
  }

  /** Of one build, oldest first. */
  async of(buildId: number): Promise<ApprovalView[]> {
    const { rows } = await this.database.pool.query<Omit<ApprovalView, 'at'> & { at: Date }>(
      'select decision, commit, by, via, at from approvals where build_id = $1 order by id',
      [buildId],
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }
}
