import type { Pool } from 'pg';
import { z } from 'zod';
import { higherRole, ProjectRole, Role, type SessionView } from '#server/api';

interface UserRow {
  readonly id: number;
  readonly name: string;
  readonly displayName: string;
  readonly role: string | null;
  readonly mayShell: boolean;
}

/** Who is signed in, as the pages need it to show what he may. */
export class SessionViews {
  constructor(
    private readonly pool: Pool,
    private readonly options: Pick<SessionView, 'isPublic' | 'hosts'>,
  ) {}

  /** `account` null, or one that may not come in any more: nobody is signed in. */
  async get(account: number | null): Promise<SessionView> {
    return { user: account === null ? null : await this.user(account), ...this.options };
  }

  private async user(account: number): Promise<SessionView['user']> {
    const { rows } = await this.pool.query<UserRow>(
      `select id, name, display_name as "displayName", role, may_shell or role is not distinct from 'admin' as "mayShell"
       from accounts where id = $1 and not disabled`,
      [account],
    );
    const [row] = rows;
    return row === undefined ? null : { ...row, role: z.nullable(Role).parse(row.role), projects: await this.projects(account) };
  }

  private async projects(account: number): Promise<NonNullable<SessionView['user']>['projects']> {
    const { rows } = await this.pool.query<{ id: number; role: string }>('select project_id as id, role from project_roles where account_id = $1', [
      account,
    ]);
    const roles = new Map<number, ProjectRole>();
    for (const { id, role } of rows) roles.set(id, ProjectRole.parse(higherRole(roles.get(id) ?? null, ProjectRole.parse(role))));
    return [...roles].map(([id, role]) => ({ id, role }));
  }
}
