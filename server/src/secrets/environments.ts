import type { EnvironmentView, UpdateEnvironment } from '#server/api';
import { CoreError } from '../common/errors.ts';
import { type Database, withTransaction } from '../database/index.ts';
import { assertMasked } from './masked.ts';
import type { SecretBox } from '../projects/secret-box.ts';
import { placeOfSecret } from './places.ts';

/** Named groups of a project's secrets, each for some of its branches and tags only. */
export class Environments {
  constructor(
    private readonly database: Database,
    private readonly box: SecretBox,
  ) {}

  async list(projectId: number): Promise<EnvironmentView[]> {
    const { rows } = await this.database.pool.query<EnvironmentView>(
      `select e.name, e.branches, e.tags, array(select s.name from project_secrets s
         where s.project_id = e.project_id and s.environment = e.name order by 1) as "secretNames"
       from environments e where e.project_id = $1 order by e.name`,
      [projectId],
    );
    return rows;
  }

  /** Makes an environment or changes it; of secrets only those that are given. Throws `invalid` for a secret that no log could hide, `not-found`. */
  async save(projectId: number, name: string, { branches, tags, secrets }: UpdateEnvironment): Promise<void> {
    for (const [secret, value] of Object.entries(secrets)) if (value !== null) assertMasked(secret, value);
    await withTransaction(this.database, async (client) => {
      const { rowCount } = await client.query(
        `insert into environments (project_id, name, branches, tags) select id, $2, $3, $4 from projects where id = $1
         on conflict (project_id, name) do update set branches = excluded.branches, tags = excluded.tags`,
        [projectId, name, JSON.stringify(branches), JSON.stringify(tags)],
      );
      if (rowCount !== 1) throw new CoreError('not-found', `There is no project ${projectId}.`);
      for (const [secret, value] of Object.entries(secrets)) {
        if (value === null)
          await client.query('delete from project_secrets where project_id = $1 and environment = $2 and name = $3', [projectId, name, secret]);
        else {
          await client.query(
            `insert into project_secrets (project_id, environment, name, value) values ($1, $2, $3, $4)
             on conflict (project_id, environment, name) do update set value = excluded.value`,
            [projectId, name, secret, this.box.seal(value, placeOfSecret(projectId, name, secret))],
          );
        }
      }
    });
  }

  /** With all its secrets. Throws `not-found`. */
  async remove(projectId: number, name: string): Promise<void> {
    await withTransaction(this.database, async (client) => {
      const { rowCount } = await client.query('delete from environments where project_id = $1 and name = $2', [projectId, name]);
      if (rowCount !== 1) throw new CoreError('not-found', `The project has no environment ${name}.`);
      await client.query('delete from project_secrets where project_id = $1 and environment = $2', [projectId, name]);
    });
  }
}
