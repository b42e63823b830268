import type { Pool } from 'pg';
import { higherRole, isAtLeast, lowerRole, ProjectRole, type Role } from '#server/api';
import { CoreError } from '../common/errors.ts';
import type { Asker } from './asker.ts';
import type { Place } from './needs.ts';

/** The projects that somebody may read. */
export type Readable = 'all' | ReadonlySet<number>;

/** Whether a project is one of them. */
export function mayRead(readable: Readable, projectId: number): boolean {
  return readable === 'all' || readable.has(projectId);
}

const PROJECT_OF = {
  build: 'select project_id as id from builds where id = $1',
  job: 'select project_id as id from jobs where id = $1',
} as const;

/**
 * Who may what. The role on a project is the higher of that for the installation and those given on it (`project_roles`); a token has the lower of that and its
 * scopes', and nothing outside its projects; where the installation is public everybody is a viewer. Read anew each time: what is taken away is gone at once.
 */
export class Rights {
  /** `isPublic`: everybody may read without signing in. */
  constructor(
    private readonly pool: Pool,
    readonly isPublic: boolean,
  ) {}

  /** What somebody may everywhere; null: nothing, though he may have roles on projects. */
  everywhere(asker: Asker): Role | null {
    if (asker.limits !== null && asker.limits.projects !== null) return null;
    return limited(asker, higherRole(asker.role, this.isPublic ? 'viewer' : null));
  }

  /** What somebody may on a project; null: not even know of it. A project that is not there is like any other. */
  async roleOn(asker: Asker, projectId: number): Promise<Role | null> {
    return (await this.rolesOf(asker))(projectId);
  }

  /** Throws `not-found` where he may not know of the project, `forbidden` where his role on it is too low. */
  async assert(asker: Asker, projectId: number, needed: Role): Promise<void> {
    check(await this.roleOn(asker, projectId), needed, 'project', projectId);
  }

  /** As `assert`, for the project of a build or a job. Gives the project's id. */
  async assertAt(asker: Asker, place: Place, id: number, needed: Role): Promise<number> {
    const projectId = place === 'project' ? id : await this.projectOf(place, id);
    check(await this.roleOn(asker, projectId), needed, place, id);
    return projectId;
  }

  /** Throws `forbidden` where his role for the installation is too low. */
  assertEverywhere(asker: Asker, needed: Role): void {
    const role = this.everywhere(asker);
    if (!isAtLeast(role, needed)) throw new CoreError('forbidden', `This needs the role ${needed} for the whole installation; ${yours(role)}.`);
  }

  /** What he may on each project: asked once for many. */
  async rolesOf(asker: Asker): Promise<(projectId: number) => Role | null> {
    const given = asker.account === null ? new Map<number, Role>() : await this.given(asker.account);
    const everywhere = higherRole(asker.role, this.isPublic ? 'viewer' : null);
    const only = asker.limits?.projects ?? null;
    return (projectId) => {
      if (only !== null && !only.includes(projectId)) return null;
      return limited(asker, higherRole(everywhere, given.get(projectId) ?? null));
    };
  }

  /** The projects he may read. */
  async readable(asker: Asker): Promise<Readable> {
    if (this.everywhere(asker) !== null) return 'all';
    const roleOn = await this.rolesOf(asker);
    const candidates = asker.limits?.projects ?? [...(await this.given(asker.account ?? 0)).keys()];
    return new Set(candidates.filter((projectId) => roleOn(projectId) !== null));
  }

  private async projectOf(place: keyof typeof PROJECT_OF, id: number): Promise<number> {
    const { rows } = await this.pool.query<{ id: number }>({ name: `project-of-${place}`, text: PROJECT_OF[place], values: [id] });
    const [row] = rows;
    if (row === undefined) throw new CoreError('not-found', `There is no ${place} ${id}.`);
    return row.id;
  }

  /** The highest role that projects give an account, by project. */
  private async given(account: number): Promise<Map<number, Role>> {
    const { rows } = await this.pool.query<{ id: number; role: string }>({
      name: 'project-roles-of',
      text: 'select project_id as id, role from project_roles where account_id = $1',
      values: [account],
    });
    const roles = new Map<number, Role>();
    for (const { id, role } of rows) roles.set(id, higherRole(roles.get(id) ?? null, ProjectRole.parse(role)) ?? 'viewer');
    return roles;
  }
}

function limited(asker: Asker, role: Role | null): Role | null {
  return asker.limits === null ? role : lowerRole(role, asker.limits.ceiling);
}

function check(role: Role | null, needed: Role, place: Place, id: number): void {
  if (role === null) throw new CoreError('not-found', `There is no ${place} ${id}.`);
  if (!isAtLeast(role, needed)) throw new CoreError('forbidden', `This needs the role ${needed} on the project; ${yours(role)}.`);
}

function yours(role: Role | null): string {
  return role === null ? 'you have none' : `yours is ${role}`;
}
