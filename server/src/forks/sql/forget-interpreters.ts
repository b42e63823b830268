import type { Pool } from 'pg';

/**
 * Lets go of archives of a fork for an image: all but the `kept` newest, and besides the newest of each branch and tag that the repository has (of its default branch in any case). Where it
 * has not been looked at yet, each name counts. The rows stay: reports name their revisions.
 */
export async function forgetInterpreters(
  pool: Pool,
  { forkId, image }: { readonly forkId: number; readonly image: string },
  kept: number,
): Promise<void> {
  await pool.query(
    `with named as (
       select i.id, n.name, n.build_number,
         not p.refs_known or n.name = p.default_branch or exists (select 1 from project_refs r where r.project_id = p.id and r.name = n.name) as lives
       from interpreters i join interpreter_names n on n.interpreter_id = i.id join projects p on p.id = i.fork_id
       where i.fork_id = $1 and i.image = $2 and i.sha256 is not null),
     newest as (select id from named group by id order by max(build_number) desc, id desc limit $3),
     heads as (select distinct on (name) id from named where lives order by name, build_number desc, id desc)
     update interpreters set sha256 = null, announced_at = coalesce(announced_at, now())
     where id in (select id from named except select id from newest except select id from heads)`,
    [forkId, image, kept],
  );
}
