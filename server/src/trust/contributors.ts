import type { Pool } from 'pg';
import type { Contributor } from '#plugins/api';
import type { ContributorView } from '#server/api';
import { CoreError } from '../common/errors.ts';

/** The people whose pull requests projects trust by name. Names are compared in small letters, as code hosts do. */
export class Contributors {
  constructor(private readonly pool: Pool) {}

  async list(projectId: number): Promise<ContributorView[]> {
    const { rows } = await this.pool.query<Omit<ContributorView, 'addedAt'> & { addedAt: Date }>(
      `select name, host_id as "hostId", added_by as "addedBy", added_at as "addedAt" from contributors where project_id = $1 order by name`,
      [projectId],
    );
    return rows.map((row) => ({ ...row, addedAt: row.addedAt.toISOString() }));
  }

  /** Adds somebody, or changes which account of his name is meant. */
  async add(projectId: number, { id, name }: Contributor, by: string): Promise<void> {
    await this.pool.query(
      `insert into contributors (project_id, name, host_id, added_by) values ($1, lower($2), $3, $4)
       on conflict (project_id, name) do update set host_id = excluded.host_id, added_by = excluded.added_by, added_at = now()`,
      [projectId, name, id, by],
    );
  }

  /** Throws `not-found`. */
  async remove(projectId: number, name: string): Promise<void> {
    const { rowCount } = await this.pool.query('delete from contributors where project_id = $1 and name = lower($2)', [projectId, name]);
    if (rowCount !== 1) throw new CoreError('not-found', `${name} is none of the project's trusted contributors.`);
  }

  /** Whether the project lists just this account: by its id where both are known, else by its name. */
  async isListed(projectId: number, { id, name }: Contributor): Promise<boolean> {
    const { rows } = await this.pool.query<{ hostId: string | null }>(
      `select host_id as "hostId" from contributors where project_id = $1 and (name = lower($2) or host_id = $3)`,
      [projectId, name, id],
    );
    return rows.some(({ hostId }) => hostId === null || hostId === id);
  }
}
