import type { Readable as Stream } from 'node:stream';
import type { Pool, PoolClient } from 'pg';
import { BundleFormat, type BundleTerms, type BundleView } from '#server/api';
import { CoreError } from '../common/errors.ts';
import { assertArchive } from './archive-head.ts';
import type { BundleFiles, Draft } from './bundle-files.ts';

/** What a bundle is called and how it is packed. */
export interface BundleId {
  readonly name: string;
  readonly version: string;
}

/** Files behind a licence that jobs are given (`BundleLoans`): what there is of them, and by which terms. */
export class Bundles {
  constructor(
    private readonly pool: Pool,
    private readonly files: BundleFiles,
  ) {}

  /**
   * Keeps an archive as a bundle. Throws `conflict` where there is that version already, for a bundle never changes; `invalid` for what is no archive of that format, or
   * has another checksum than was said.
   */
  async add(id: BundleId, format: BundleFormat, terms: BundleTerms, by: string, content: Stream, expected: string | null): Promise<BundleView> {
    await this.assertNew(id);
    await this.files.receive(content, async (draft) => {
      const { sha256 } = draft;
      if (expected !== null && expected !== sha256)
        throw new CoreError('invalid', `What came has the checksum ${sha256}, not ${expected}: it was cut off or changed on the way. Send it again.`);
      await assertArchive(draft.path, format);
      await this.insert(id, { draft, format, by }, terms);
    });
    return await this.one(id);
  }

  /** What may be done with it. Throws `not-found`. */
  async change({ name, version }: BundleId, { terms, license, note }: BundleTerms): Promise<BundleView> {
    const { rowCount } = await this.pool.query(
      'update bundles set projects = $3, groups = $4, trusted_only = $5, license = $6, note = $7 where name = $1 and version = $2',
      [name, version, terms.projects, terms.groups, terms.trustedOnly, license, note],
    );
    if (rowCount === 0) throw notFound({ name, version });
    return await this.one({ name, version });
  }

  /** Throws `not-found`. */
  async remove({ name, version }: BundleId): Promise<void> {
    const { rows } = await this.pool.query<{ id: number }>('delete from bundles where name = $1 and version = $2 returning id', [name, version]);
    const [row] = rows;
    if (row === undefined) throw notFound({ name, version });
    await this.files.remove(row.id);
  }

  /** All bundles, by name and then the newest first. */
  async all(): Promise<BundleView[]> {
    const { rows } = await this.pool.query<ViewRow>(`${VIEW} order by b.name, b.created_at desc`);
    return rows.map(viewOf);
  }

  /** Throws `not-found`. */
  async one({ name, version }: BundleId): Promise<BundleView> {
    const { rows } = await this.pool.query<ViewRow>(`${VIEW} where b.name = $1 and b.version = $2`, [name, version]);
    const [row] = rows;
    if (row === undefined) throw notFound({ name, version });
    return viewOf(row);
  }

  /** Removes what a server has left that ended meanwhile. */
  async tidy(): Promise<void> {
    const { rows } = await this.pool.query<{ id: number }>('select id from bundles');
    await this.files.tidy(rows.map(({ id }) => id));
  }

  private async assertNew({ name, version }: BundleId): Promise<void> {
    const { rowCount } = await this.pool.query('select 1 from bundles where name = $1 and version = $2', [name, version]);
    if (rowCount !== 0)
      throw new CoreError(
        'conflict',
        `There is a bundle ${name} ${version} already, and bundles never change: give yours another version, or remove that one.`,
      );
  }

  /** The row and its file come together: the row counts once the file is in its place. */
  private async insert(id: BundleId, file: NewFile, terms: BundleTerms): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const row = await insertRow(client, id, file, terms);
      if (row !== null) await this.files.keep(file.draft, row);
      await client.query('commit');
      if (row === null) await this.assertNew(id);
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }
}

interface NewFile {
  readonly draft: Draft;
  readonly format: BundleFormat;
  /** Who has uploaded it. */
  readonly by: string;
}

/** The number of the new row; null where there is that version already. */
async function insertRow(
  client: PoolClient,
  { name, version }: BundleId,
  { draft, format, by }: NewFile,
  { terms, license, note }: BundleTerms,
): Promise<number | null> {
  const { rows } = await client.query<{ id: number }>(
    `insert into bundles (name, version, format, bytes, sha256, license, projects, groups, trusted_only, note, uploaded_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning id`,
    [name, version, format, draft.bytes, draft.sha256, license, terms.projects, terms.groups, terms.trustedOnly, note, by],
  );
  return rows[0]?.id ?? null;
}

type ViewRow = Omit<BundleView, 'format' | 'bytes' | 'terms' | 'createdAt' | 'lastUsedAt'> &
  BundleTerms['terms'] & {
    readonly format: string;
    readonly bytes: string;
    readonly createdAt: Date;
    readonly lastUsedAt: Date | null;
  };

const VIEW = `select b.name, b.version, b.format, b.bytes, b.sha256, b.license, b.projects, b.groups, b.trusted_only as "trustedOnly", b.note,
  b.uploaded_by as "uploadedBy", b.created_at as "createdAt", u.uses, u.last as "lastUsedAt"
  from bundles b cross join lateral (select count(*)::int as uses, max(at) as last from bundle_uses where bundle_id = b.id) u`;

function viewOf({ projects, groups, trustedOnly, format, bytes, createdAt, lastUsedAt, ...row }: ViewRow): BundleView {
  return {
    ...row,
    terms: { projects, groups, trustedOnly },
    isForAll: projects.length + groups.length === 0,
    format: BundleFormat.parse(format),
    bytes: Number(bytes),
    createdAt: createdAt.toISOString(),
    lastUsedAt: lastUsedAt?.toISOString() ?? null,
  };
}

function notFound({ name, version }: BundleId): CoreError {
  return new CoreError('not-found', `There is no bundle ${name} ${version}.`);
}
