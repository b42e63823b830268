import type { Pool } from 'pg';
import type { ProjectRole } from '#server/api';

/** Writes down what code hosts say of an account on the projects that are named; null: nothing. Gives whether that changed anything. */
export async function replaceHostRoles(pool: Pool, account: number, roles: ReadonlyMap<number, ProjectRole | null>): Promise<boolean> {
  const { rows } = await pool.query<{ changed: number }>(
    `with told as (select * from unnest($2::int[], $3::text[]) as t (project, role)),
       gone as (delete from project_roles r using told where r.project_id = told.project and r.account_id = $1 and r.source = 'host' and told.role is null returning 1),
       put as (insert into project_roles as r (project_id, account_id, source, role)
         select p.id, $1, 'host', told.role from told join projects p on p.id = told.project where told.role is not null
         on conflict (project_id, account_id, source) do update set role = excluded.role where r.role <> excluded.role returning 1)
     select ((select count(*) from gone) + (select count(*) from put))::int as changed`,
    [account, [...roles.keys()], [...roles.values()]],
  );
  return (rows[0]?.changed ?? 0) > 0;
}
