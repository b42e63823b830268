import type { Pool } from 'pg';
import type { Ref } from '#plugins/api';

/** Whether a project's branches and tags were seen completely once. */
export async function refsKnown(pool: Pool, projectId: number): Promise<boolean> {
  const { rows } = await pool.query<{ known: boolean }>('select refs_known as known from projects where id = $1', [projectId]);
  return rows[0]?.known ?? false;
}

/** Whatever runs a statement: a pool, or the transaction that makes a project or a build. */
interface Queryable {
  query(sql: string, values: unknown[]): Promise<unknown>;
}

/** Remembers all refs and that they were seen just now, in one statement: a look that breaks off has seen nothing. */
export async function learnRefs(database: Queryable, projectId: number, refs: readonly Ref[]): Promise<void> {
  await database.query(
    `with seen as (update projects set refs_known = true, polled_at = now() where id = $1 returning id)
     insert into project_refs (project_id, kind, name, commit)
     select distinct seen.id, kind, name, commit from seen, unnest($2::text[], $3::text[], $4::text[]) as r (kind, name, commit)
     on conflict do nothing`,
    [projectId, ...columns(refs)],
  );
}

/** Forgets the refs that are no longer there, or point elsewhere: one that comes back is new. */
export async function forgetRefs(pool: Pool, projectId: number, present: readonly Ref[]): Promise<void> {
  await pool.query(
    `delete from project_refs where project_id = $1 and (kind, name, commit) not in (select * from unnest($2::text[], $3::text[], $4::text[]))`,
    [projectId, ...columns(present)],
  );
}

/** Those of `present` that were not there when they were last remembered, in their order: a branch that has moved, a new head of it. */
export async function movedRefs(pool: Pool, projectId: number, present: readonly Ref[]): Promise<Ref[]> {
  const { rows } = await pool.query<Ref>('select kind, name, commit from project_refs where project_id = $1', [projectId]);
  const known = new Set(rows.map(keyOf));
  return present.filter((ref) => !known.has(keyOf(ref)));
}

/** Whether a ref is remembered at just that commit. */
export async function isRefKnown(pool: Pool, projectId: number, { kind, name, commit }: Ref): Promise<boolean> {
  const { rows } = await pool.query('select from project_refs where project_id = $1 and kind = $2 and name = $3 and commit = $4', [
    projectId,
    kind,
    name,
    commit,
  ]);
  return rows.length > 0;
}

/** Forgets a branch or tag where it pointed to `commit`; null: wherever it pointed. */
export async function forgetRef(pool: Pool, projectId: number, { kind, name }: Pick<Ref, 'kind' | 'name'>, commit: string | null): Promise<void> {
  await pool.query('delete from project_refs where project_id = $1 and kind = $2 and name = $3 and ($4::text is null or commit = $4)', [
    projectId,
    kind,
    name,
    commit,
  ]);
}

/** Remembers that a ref was seen where it points. */
export async function rememberRef(database: Queryable, projectId: number, ref: Ref): Promise<void> {
  await database.query('insert into project_refs (project_id, kind, name, commit) values ($1, $2, $3, $4) on conflict do nothing', [
    projectId,
    ref.kind,
    ref.name,
    ref.commit,
  ]);
}

function keyOf(ref: Ref): string {
  return `${ref.kind}/${ref.name}/${ref.commit}`;
}

function columns(refs: readonly Ref[]): [kinds: string[], names: string[], commits: string[]] {
  return [refs.map((ref) => ref.kind), refs.map((ref) => ref.name), refs.map((ref) => ref.commit)];
}
