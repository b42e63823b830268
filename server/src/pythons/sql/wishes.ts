import type { Pool } from 'pg';
import type { Readable } from '../../auth/rights.ts';

/** What a project's jobs ask for. */
export interface Wish {
  readonly projectId: number;
  readonly project: string;
  /** As the project writes it. */
  readonly interpreter: string;
  readonly jobs: number;
}

/** Which Pythons the newest trusted build of each project asked for, by the projects' names. A stranger's change says nothing about a project, nor does a build of a package on a fork. */
export async function wishes(pool: Pool, readable: Readable): Promise<Wish[]> {
  const { rows } = await pool.query<Wish>({
    name: 'python-wishes',
    text: `select p.id as "projectId", p.name as project, j.spec->'requirements'->>'interpreter' as interpreter, count(*)::int as jobs
     from projects p
       cross join lateral (select b.id from builds b where b.project_id = p.id and b.trust = 'trusted' and not b.is_quiet order by b.number desc limit 1) newest
       join jobs j on j.build_id = newest.id
     where ($1::int[] is null or p.id = any($1)) and j.spec->'requirements'->>'interpreter' is not null
     group by p.id, p.name, 3 order by p.name, p.id, 3`,
    values: [readable === 'all' ? null : [...readable]],
  });
  return rows;
}
