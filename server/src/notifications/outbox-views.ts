import type { Pool } from 'pg';
import type { OutboxView } from '#server/api';
import { CoreError } from '../common/errors.ts';

type Row = Omit<OutboxView, 'state' | 'nextAt' | 'sentAt'> & { due: boolean; gaveUp: boolean; nextAt: Date; sentAt: Date | null };

const SELECT = `select o.id, o.build_id as "buildId", b.number as "buildNumber", o.channel, o.key, o.problem, o.tries, o.gave_up as "gaveUp",
  o.sent_version < o.version as due, o.next_at as "nextAt", o.sent_at as "sentAt" from outbox o join builds b on b.id = o.build_id`;

/** What was told, and what is still to be told, as clients see it. */
export class OutboxViews {
  constructor(private readonly pool: Pool) {}

  /** Of a project: what failed or waits first, then by age, newest first. */
  async list(projectId: number, limit: number): Promise<OutboxView[]> {
    const { rows } = await this.pool.query<Row>(`${SELECT} where o.project_id = $1 order by (o.problem is not null) desc, o.id desc limit $2`, [
      projectId,
      limit,
    ]);
    return rows.map(outboxView);
  }

  /** Of one build. */
  async ofBuild(buildId: number): Promise<OutboxView[]> {
    const { rows } = await this.pool.query<Row>(`${SELECT} where o.build_id = $1 order by o.channel desc, o.id`, [buildId]);
    return rows.map(outboxView);
  }

  /** Has it told again, from the start. Throws `not-found`. */
  async resend(projectId: number, id: number): Promise<void> {
    const { rowCount } = await this.pool.query(
      `update outbox set version = version + 1, told = '{}', tries = 0, next_at = now(), gave_up = false, problem = null where project_id = $1 and id = $2`,
      [projectId, id],
    );
    if (rowCount !== 1) throw new CoreError('not-found', `There is no entry ${id} of this project.`);
  }
}

function outboxView({ due, gaveUp, nextAt, sentAt, ...row }: Row): OutboxView {
  const state = gaveUp ? 'failed' : due ? 'waiting' : 'sent';
  return { ...row, state, nextAt: state === 'waiting' ? nextAt.toISOString() : null, sentAt: sentAt?.toISOString() ?? null };
}
