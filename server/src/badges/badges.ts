import type { Pool } from 'pg';
import { z } from 'zod';
import type { BadgeState } from './badge-svg.ts';

const Verdict = z.enum(['passed', 'failed', 'errored', 'canceled']);

/** The builds of a branch itself. */
const OWN = `b.project_id = p.id and b.branch = coalesce($2, p.default_branch) and b.change->>'kind' not in ('pull-request', 'tag')`;

/** How branches stand, in a word, for those who may know nothing else. */
export class Badges {
  constructor(private readonly pool: Pool) {}

  /**
   * What the newest finished build of a branch came to; `running` if there is none yet and one is under way, else `unknown`. `branch` null: the default branch. Builds of pull
   * requests into the branch and of tags of its name say nothing about it. A project that is none is `unknown`, too: anybody may ask, and nobody learns which there are.
   */
  async stateOf(projectId: number, branch: string | null): Promise<BadgeState> {
    const { rows } = await this.pool.query<{ finished: string | null; isRunning: boolean }>(
      `select (select b.state from builds b where ${OWN} and b.finished_at is not null order by b.number desc limit 1) as finished,
         exists (select from builds b where ${OWN} and b.finished_at is null) as "isRunning"
       from projects p where p.id = $1`,
      [projectId, branch],
    );
    const [row] = rows;
    if (row === undefined) return 'unknown';
    if (row.finished !== null) return Verdict.parse(row.finished);
    return row.isRunning ? 'running' : 'unknown';
  }
}
