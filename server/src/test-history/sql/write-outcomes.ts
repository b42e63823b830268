import { createHash } from 'node:crypto';
import type { PoolClient } from 'pg';
import type { TestCase } from '../../test-reports/test-case.ts';

/** Outcomes as they are stored: from 2 on, a test did not pass. */
export const OUTCOME_CODES = { skipped: 0, passed: 1, failed: 2, errored: 3 } as const;
/** How much of a name's SHA-256 tells it from others. Bytes. */
const HASH_BYTES = 16;

/** The tests of one attempt. */
export interface AttemptOutcomes {
  readonly attemptId: number;
  readonly cases?: readonly TestCase[];
  readonly casesAreCut?: boolean;
}

/** The hash by which a name is found. */
export function hashOf(name: string): Buffer {
  return createHash('sha256').update(name).digest().subarray(0, HASH_BYTES);
}

/**
 * Writes how the tests of attempts came out, in the transaction in which these end. Only of attempts in `ended`: the fence has refused the others; and only of changes that are trusted: what a stranger's
 * change does to tests says nothing of the project's.
 */
export async function writeOutcomes(
  client: PoolClient,
  ended: readonly { readonly attemptId: number }[],
  all: readonly AttemptOutcomes[],
): Promise<void> {
  const ids = new Set(ended.map(({ attemptId }) => attemptId));
  for (const { attemptId, cases = [], casesAreCut = false } of all) {
    if (cases.length === 0 || !ids.has(attemptId)) continue;
    const projectId = await writeRun(client, attemptId, casesAreCut);
    if (projectId !== null) await writeCases(client, projectId, attemptId, cases);
  }
}

/** The attempt's project; null if nothing is to be kept of it. */
async function writeRun(client: PoolClient, attemptId: number, isCut: boolean): Promise<number | null> {
  const { rows } = await client.query<{ projectId: number }>({
    name: 'write-test-run',
    text: `insert into test_runs (attempt_id, project_id, job, interpreter, commit, branch, is_cut)
       select a.id, j.project_id, j.spec->>'name', coalesce(j.spec->'requirements'->>'interpreter', ''), b.change->>'commit', b.branch, $2
       from attempts a join jobs j on j.id = a.job_id join builds b on b.id = j.build_id where a.id = $1 and b.trust = 'trusted'
       on conflict do nothing returning project_id as "projectId"`,
    values: [attemptId, isCut],
  });
  return rows[0]?.projectId ?? null;
}

/** Two statements: only the second sees names that another transaction has written meanwhile. In one order, so that no two wait for each other. Names are locked before they
 * are pointed to: one that nothing was known of for months may be forgotten just now. */
async function writeCases(client: PoolClient, projectId: number, attemptId: number, cases: readonly TestCase[]): Promise<void> {
  const hashes = cases.map(({ name }) => hashOf(name));
  await client.query({
    name: 'write-test-names',
    text: `insert into tests (project_id, hash, name) select $1, hash, name from unnest($2::bytea[], $3::text[]) as given (hash, name)
       where not exists (select 1 from tests t where t.project_id = $1 and t.hash = given.hash) order by hash on conflict do nothing`,
    values: [projectId, hashes, cases.map(({ name }) => name)],
  });
  await client.query({
    name: 'write-test-outcomes',
    text: `insert into test_outcomes (attempt_id, test_id, outcome, milliseconds)
       select $2, t.id, given.outcome, given.milliseconds from unnest($3::bytea[], $4::smallint[], $5::int[]) as given (hash, outcome, milliseconds)
       join tests t on t.project_id = $1 and t.hash = given.hash order by t.id
       for key share of t on conflict do nothing`,
    values: [projectId, attemptId, hashes, cases.map(({ outcome }) => OUTCOME_CODES[outcome]), cases.map(({ milliseconds }) => milliseconds)],
  });
}
