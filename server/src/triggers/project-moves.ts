import type { MoveProject } from '#server/api';
import type { RoleSync } from '../auth/people/role-sync.ts';
import { CoreError } from '../common/errors.ts';
import { type Database, withTransaction } from '../database/index.ts';
import type { Sources } from '../projects/sources.ts';
import type { Intake } from './intake.ts';
import { learnRefs } from './refs.ts';

export interface ProjectMovesParts {
  readonly database: Database;
  readonly sources: Sources;
  readonly intake: Intake;
  readonly roleSync: RoleSync;
}

/** Has projects read from another place than before: a repository that has moved, a newer archive of a release. */
export class ProjectMoves {
  constructor(private readonly parts: ProjectMovesParts) {}

  /**
   * Looks at the new place first; what cannot be read changes nothing. What is there is taken as seen, as for a new project, but for the default branch: if that is not
   * where it was, it is built at once. Everything else stays as it is, builds that run included; those that wait are read from the new place.
   *
   * Throws `not-found`; `invalid` for a URL that nobody reads; `conflict` for one that another code host reads, where the same names may be other people; and what the code host says.
   */
  async move(projectId: number, input: MoveProject, signal: AbortSignal): Promise<void> {
    const url = input.url.trim();
    const { credentials } = input;
    const { database, sources, intake } = this.parts;
    const scm = sources.providerFor(url);
    await this.assertSameHost(projectId, url, scm);
    const { refs, defaultBranch } = await sources.look(scm, { url, credentials }, signal);
    const sealed = credentials && sources.sealCredentials(credentials, projectId);
    const seen = refs.filter(({ kind, name }) => kind !== 'branch' || name !== defaultBranch);
    await intake.exclusively(projectId, () =>
      withTransaction(database, async (client) => {
        await client.query(
          'update projects set url = $2, default_branch = $3, credentials = $4, poll_problem = null, look_at = clock_timestamp() where id = $1',
          [projectId, url, defaultBranch, sealed],
        );
        await learnRefs(client, projectId, seen);
      }),
    );
    await this.parts.roleSync.forgetProject(projectId);
  }

  private async assertSameHost(projectId: number, url: string, scm: string): Promise<void> {
    const { rows } = await this.parts.database.pool.query<{ scm: string }>('select scm from projects where id = $1', [projectId]);
    const [row] = rows;
    if (row === undefined) throw new CoreError('not-found', `There is no project ${projectId}.`);
    if (row.scm === scm) return;
    throw new CoreError(
      'conflict',
      `${url} is read by ${scm}, and the project is one of ${row.scm}: whom it trusts does not carry over to another code host. Add it as a new project.`,
    );
  }
}
