import type { Pool } from 'pg';
import type { BundleUseView } from '#server/api';
import { mayRead, type Readable } from '../auth/rights.ts';
import type { BundleId } from './bundles.ts';

/** So many uses are shown. */
const SHOWN = 100;

interface Row {
  readonly at: Date;
  readonly projectId: number | null;
  readonly jobId: number | null;
  readonly name: string | null;
  readonly buildId: number | null;
  readonly projectName: string | null;
}

/** Who was given bundles. */
export class BundleUses {
  constructor(private readonly pool: Pool) {}

  /** The last uses of a bundle, newest first. */
  async last({ name, version }: BundleId, readable: Readable): Promise<BundleUseView[]> {
    const { rows } = await this.pool.query<Row>(
      `select u.at, u.project_id as "projectId", j.id as "jobId", j.spec->>'name' as name, j.build_id as "buildId", p.name as "projectName"
       from bundle_uses u join bundles b on b.id = u.bundle_id left join jobs j on j.id = u.job_id left join projects p on p.id = u.project_id
       where b.name = $1 and b.version = $2 order by u.id desc limit ${SHOWN}`,
      [name, version],
    );
    return rows.map((row) => ({ at: row.at.toISOString(), job: jobOf(row, readable) }));
  }
}

function jobOf({ projectId, jobId, name, buildId, projectName }: Row, readable: Readable): BundleUseView['job'] {
  if (projectId === null || jobId === null || buildId === null || !mayRead(readable, projectId)) return null;
  return { id: jobId, name: name ?? '', buildId, projectName: projectName ?? '' };
}
