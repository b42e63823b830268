import type { PoolClient } from 'pg';
import type { ApprovalView, BuildTrust } from '#server/api';
import { noteBuild } from '../../notifications/sql/note-build.ts';
import { CoreError } from '../../common/errors.ts';

/** What somebody says of one commit. */
export interface Decision {
  readonly buildId: number;
  /** The commit that he looked at. */
  readonly commit: string;
  readonly decision: ApprovalView['decision'];
  readonly by: string;
  readonly via: ApprovalView['via'];
}

/**
 * Writes down what somebody says of a held build, and marks the build. The caller holds the build. Throws `conflict` unless it is held for just that commit: what
 * was pushed since is another build, and what was decided stays so.
 */
export async function decideHeld(client: PoolClient, { buildId, commit, decision, by, via }: Decision): Promise<void> {
  const { rows } = await client.query<{ trust: BuildTrust; commit: string; finished: boolean }>(
    `select trust, change->>'commit' as commit, finished_at is not null as finished from builds where id = $1`,
    [buildId],
  );
  const [build] = rows;
  if (build === undefined) throw new CoreError('not-found', `There is no build ${buildId}.`);
  if (build.commit !== commit)
    throw new CoreError('conflict', `That build is of the commit ${build.commit.slice(0, 10)}, not of the one that you looked at.`);
  if (build.trust !== 'held') throw new CoreError('conflict', `Nothing is to be decided: the build is ${build.trust} already.`);
  if (build.finished)
    throw new CoreError('conflict', 'This build was cancelled, perhaps because something else was pushed: decide on the newest one.');
  await client.query('update builds set trust = $2, trust_reason = $3 where id = $1', [buildId, decision, `${decision} by ${by}`]);
  await noteBuild(client, buildId);
  await client.query('insert into approvals (build_id, commit, decision, by, via) values ($1, $2, $3, $4, $5)', [buildId, commit, decision, by, via]);
}
