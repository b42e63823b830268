import type { Pool } from 'pg';
import { type GiveRole, higherRole, type PersonView, ProjectRole, Role } from '#server/api';
import type { Audit } from '../../audit/audit.ts';
import { CoreError } from '../../common/errors.ts';
import type { Asker } from '../asker.ts';
import { accountRight, type Revoke } from '../auth.service.ts';

interface PersonRow {
  readonly account: number;
  readonly name: string;
  readonly displayName: string;
  readonly given: string | null;
  readonly byHost: string | null;
  readonly everywhere: string | null;
}

/** Who may what on a project. */
export class People {
  constructor(
    private readonly pool: Pool,
    private readonly audit: Audit,
    private readonly revoke: Revoke,
  ) {}

  /** Everybody who may something on a project, by name; accounts that are disabled are left out. */
  async list(projectId: number): Promise<PersonView[]> {
    const { rows } = await this.pool.query<PersonRow>(
      `select a.id as account, a.name, a.display_name as "displayName", a.role as everywhere, given.role as given, host.role as "byHost" from accounts a
       left join project_roles given on given.account_id = a.id and given.project_id = $1 and given.source = 'manual'
       left join project_roles host on host.account_id = a.id and host.project_id = $1 and host.source = 'host'
       where not a.disabled and (a.role is not null or given.role is not null or host.role is not null) order by a.key`,
      [projectId],
    );
    return rows.map(view);
  }

  /** Gives an account a role on a project. Throws `not-found` for a name that nobody has. */
  async give(asker: Asker, projectId: number, { name, role }: GiveRole): Promise<PersonView[]> {
    const { rows } = await this.pool.query<{ id: number; name: string }>(
      `with who as (select id, name from accounts where key = $2 and not disabled), put as (
         insert into project_roles (project_id, account_id, source, role) select $1, id, 'manual', $3 from who
         on conflict (project_id, account_id, source) do update set role = excluded.role)
       select id, name from who`,
      [projectId, name.toLowerCase(), role],
    );
    const [who] = rows;
    if (who === undefined) throw new CoreError('not-found', `There is no account ${name}: an admin can make one.`);
    this.revoke(accountRight(who.id));
    await this.audit.note({ who: asker.name, action: 'role.give', target: `account ${who.name}`, details: { project: projectId, role } });
    return await this.list(projectId);
  }

  /** Takes away what was given to an account on a project; what its code host says stays. Throws `not-found`. */
  async take(asker: Asker, projectId: number, account: number): Promise<void> {
    const { rows } = await this.pool.query<{ name: string }>(
      `delete from project_roles r using accounts a where a.id = r.account_id and r.project_id = $1 and r.account_id = $2 and r.source = 'manual' returning a.name`,
      [projectId, account],
    );
    const [who] = rows;
    if (who === undefined) throw new CoreError('not-found', `Account ${account} was given nothing on project ${projectId}.`);
    this.revoke(accountRight(account));
    await this.audit.note({ who: asker.name, action: 'role.take', target: `account ${who.name}`, details: { project: projectId } });
  }
}

function view(row: PersonRow): PersonView {
  const given = ProjectRole.nullable().parse(row.given);
  const byHost = ProjectRole.nullable().parse(row.byHost);
  const everywhere = Role.nullable().parse(row.everywhere);
  return { ...row, given, byHost, everywhere, role: Role.parse(higherRole(everywhere, higherRole(given, byHost))) };
}
