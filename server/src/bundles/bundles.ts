import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable as Stream } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Pool, PoolClient } from 'pg';
import { BundleFormat, type BundleTerms, type BundleView, type BuildTrust } from '#server/api';
import { CoreError } from '../common/errors.ts';
import { refusedBy, type SeatTrust } from '../licenses/terms.ts';
import { assertArchive } from './archive-head.ts';

/** Who is to be given bundles. */
export interface BundleWish {
  readonly attemptId: number;
  readonly jobId: number;
  readonly projectId: number;
  readonly trust: BuildTrust;
  /** As jobs name them: `instantclient-sdk-12.1`. */
  readonly names: readonly string[];
}

/** A bundle that an attempt is given. */
export interface GivenBundle {
  readonly name: string;
  /** Where it is put, in the session's folder. */
  readonly archive: string;
  readonly format: BundleFormat;
  readonly variables: readonly string[];
  /** Where it is on this computer. */
  readonly file: string;
}

/** What a bundle is called and how it is packed. */
export interface BundleId {
  readonly name: string;
  readonly version: string;
}

interface Row {
  readonly id: number;
  readonly name: string;
  readonly version: string;
  readonly format: string;
  readonly license: string | null;
  readonly projects: string[];
  readonly groups: string[];
  readonly trustedOnly: boolean;
}

/**
 * Files behind a licence that jobs are given. Each archive is a file of the data folder of its own, written whole or not at all; what it is stands in the
 * database.
 */
export class Bundles {
  constructor(
    private readonly pool: Pool,
    private readonly folder: string,
  ) {}

  /**
   * Keeps an archive as a bundle. Throws `conflict` where there is that version already, for a bundle never changes; `invalid` for what is no archive of that format, or
   * has another checksum than was said.
   */
  async add(id: BundleId, format: BundleFormat, terms: BundleTerms, by: string, content: Stream, expected: string | null): Promise<BundleView> {
    await this.assertNew(id);
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const draft = join(this.folder, `${DRAFT}${randomUUID()}`);
    try {
      const { sha256, bytes } = await writeDraft(draft, content);
      if (expected !== null && expected !== sha256)
        throw new CoreError('invalid', `What came has the checksum ${sha256}, not ${expected}: it was cut off or changed on the way. Send it again.`);
      await assertArchive(draft, format);
      await this.insert(id, { format, bytes, sha256, by }, terms, draft);
    } finally {
      await rm(draft, { force: true });
    }
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
    await rm(this.fileOf(row), { force: true });
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

  /** What an attempt is given, which is written down; or why it must not run, in words. */
  async give(wish: BundleWish): Promise<readonly GivenBundle[] | { readonly problem: string }> {
    if (wish.names.length === 0) return [];
    const rows = await this.named(wish.names);
    const project = await this.project(wish.projectId);
    for (const name of wish.names) {
      const row = rows.get(name);
      const problem = row === undefined ? `there is no bundle ${name} here` : whyNot(row, project, trustOf(wish.trust));
      if (problem !== null) return { problem };
    }
    const given = [...rows.values()];
    const problem = (await this.whyUnlicensed(given, wish.attemptId)) ?? whyTwice(given);
    if (problem !== null) return { problem };
    await this.pool.query(
      `insert into bundle_uses (bundle_id, attempt_id, job_id, project_id) select id, $2, $3, $4 from unnest($1::int[]) as id on conflict do nothing`,
      [given.map(({ id }) => id), wish.attemptId, wish.jobId, wish.projectId],
    );
    return given.map((row) => ({
      name: `${row.name}-${row.version}`,
      archive: `bundles/${row.name}-${row.version}.${row.format}`,
      format: BundleFormat.parse(row.format),
      variables: [variableOf(row.name)],
      file: this.fileOf(row),
    }));
  }

  /** Removes files that no bundle has, because a server ended meanwhile; not what another server may be receiving. */
  async tidy(): Promise<void> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 });
    const { rows } = await this.pool.query<{ id: number }>('select id from bundles');
    const known = new Set(rows.map(({ id }) => `${FILE}${id}`));
    for (const name of await readdir(this.folder)) {
      const isWanted = known.has(name) || !(name.startsWith(DRAFT) || name.startsWith(FILE));
      if (isWanted) continue;
      const path = join(this.folder, name);
      const { mtimeMs } = await stat(path);
      if (Date.now() - mtimeMs > DAY_MS) await rm(path, { force: true });
    }
  }

  /** By the number of its row, which no other bundle ever has. */
  private fileOf({ id }: { readonly id: number }): string {
    return join(this.folder, `${FILE}${id}`);
  }

  /** A licence that a bundle needs may have been said after the job was queued: then it has no seat. */
  private async whyUnlicensed(given: readonly Row[], attemptId: number): Promise<string | null> {
    const needed = given.filter(({ license }) => license !== null);
    if (needed.length === 0) return null;
    const { rows } = await this.pool.query<{ product: string }>(
      `select p.product from license_leases l join license_pools p on p.id = l.pool_id where l.attempt_id = $1 and l.state = 'held'`,
      [attemptId],
    );
    const missing = needed.find(({ license }) => !rows.some(({ product }) => product === license));
    if (missing === undefined) return null;
    return `the bundle ${missing.name}-${missing.version} needs a seat of ${missing.license}, which was said after the job was queued: start a new build`;
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
  private async insert(id: BundleId, file: NewFile, wish: BundleTerms, draft: string): Promise<void> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const row = await insertRow(client, id, file, wish);
      if (row !== null) await rename(draft, this.fileOf({ id: row }));
      await client.query('commit');
      if (row === null) await this.assertNew(id);
    } catch (error) {
      await client.query('rollback');
      throw error;
    } finally {
      client.release();
    }
  }

  private async named(names: readonly string[]): Promise<Map<string, Row>> {
    const { rows } = await this.pool.query<Row>(
      `select id, name, version, format, license, projects, groups, trusted_only as "trustedOnly" from bundles where name || '-' || version = any($1)`,
      [names],
    );
    return new Map(rows.map((row) => [`${row.name}-${row.version}`, row]));
  }

  private async project(id: number): Promise<{ name: string; groups: string[] }> {
    const { rows } = await this.pool.query<{ name: string; groups: string[] }>('select name, groups from projects where id = $1', [id]);
    return rows[0] ?? { name: '', groups: [] };
  }
}

const DRAFT = 'draft-';
const FILE = 'bundle-';
const DAY_MS = 86_400_000;

interface NewFile {
  readonly format: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly by: string;
}

/** The number of the new row; null where there is that version already. */
async function insertRow(
  client: PoolClient,
  { name, version }: BundleId,
  file: NewFile,
  { terms, license, note }: BundleTerms,
): Promise<number | null> {
  const { rows } = await client.query<{ id: number }>(
    `insert into bundles (name, version, format, bytes, sha256, license, projects, groups, trusted_only, note, uploaded_by)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing returning id`,
    [name, version, file.format, file.bytes, file.sha256, license, terms.projects, terms.groups, terms.trustedOnly, note, file.by],
  );
  return rows[0]?.id ?? null;
}

/** Two versions would have one variable. */
function whyTwice(given: readonly Row[]): string | null {
  const twice = given.find(({ name }, index) => given.findIndex((other) => other.name === name) !== index);
  return twice === undefined ? null : `it asks for two versions of the bundle ${twice.name}: a job can have one`;
}

type ViewRow = Omit<BundleView, 'format' | 'bytes' | 'terms' | 'createdAt' | 'lastUsedAt'> &
  Pick<Row, 'projects' | 'groups' | 'trustedOnly'> & {
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

/** Of the words of code hosts and people the two that terms know. */
function trustOf(trust: BuildTrust): SeatTrust {
  return trust === 'trusted' || trust === 'approved' ? trust : 'none';
}

function whyNot(row: Row, project: { name: string; groups: string[] }, trust: SeatTrust): string | null {
  const refusal = refusedBy(row, project, trust);
  const bundle = `the bundle ${row.name}-${row.version}`;
  if (refusal === null) return null;
  if (refusal === 'project') return `${bundle} is not for its project`;
  if (refusal === 'approved') return `${bundle} is not for changes of people who are not trusted, even if they are approved`;
  return `${bundle} is given to a change of somebody who is not trusted only once a maintainer has approved it`;
}

/** `TERRARIUM_BUNDLE_INSTANTCLIENT_SDK`. */
function variableOf(name: string): string {
  return `TERRARIUM_BUNDLE_${name.toUpperCase().replaceAll(/[^A-Z0-9]/g, '_')}`;
}

async function toDisk(path: string): Promise<void> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The checksum is taken on the way; the file is on the disk before it counts. */
async function writeDraft(path: string, content: Stream): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash('sha256');
  let bytes = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      hash.update(chunk);
      bytes += chunk.length;
      done(null, chunk);
    },
  });
  await pipeline(content, meter, createWriteStream(path, { mode: 0o600 }));
  await toDisk(path);
  return { sha256: hash.digest('hex'), bytes };
}
