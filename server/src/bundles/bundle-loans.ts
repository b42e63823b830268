import type { Pool } from 'pg';
import { BundleFormat, type BuildTrust } from '#server/api';
import { refusedBy, type SeatTrust } from '../licenses/terms.ts';
import type { BundleFiles } from './bundle-files.ts';

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

/** Gives bundles to attempts, by the terms of each, and writes down to whom. */
export class BundleLoans {
  constructor(
    private readonly pool: Pool,
    private readonly files: BundleFiles,
  ) {}

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
      file: this.files.pathOf(row.id),
    }));
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

/** Two versions would have one variable. */
function whyTwice(given: readonly Row[]): string | null {
  const twice = given.find(({ name }, index) => given.findIndex((other) => other.name === name) !== index);
  return twice === undefined ? null : `it asks for two versions of the bundle ${twice.name}: a job can have one`;
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
