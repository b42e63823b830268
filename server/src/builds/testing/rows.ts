import { randomUUID } from 'node:crypto';
import type { Change, JobSpec, Requirements } from '#plugins/api';
import type { Verdict } from '#server/api';
import type { Database } from '../../database/index.ts';
import { withTransaction } from '../../database/index.ts';
import type { IsolationRules } from '../isolation-demand.ts';
import { advanceBuild } from '../sql/advance-build.ts';
import { assignJobs, type AssignedAttempt } from '../sql/assign-jobs.ts';
import { type NewBuild, type NewBuildTrust, TRUSTED } from '../sql/insert-build.ts';
import { finishAttempts } from '../sql/move-attempt.ts';

/** Rules that demand nothing. */
export const LAX: IsolationRules = { minimum: 'none', pullRequests: 'none' };
export const LINUX: Requirements = { system: 'linux', architecture: null, interpreter: null, image: null };

/** A job's description for tests that never run it. */
export function jobSpec(name: string, changed: Partial<JobSpec> = {}): JobSpec {
  return {
    name,
    stage: 'test',
    allowFailure: false,
    config: {},
    cell: { column: '', row: name },
    requirements: LINUX,
    variables: [],
    checkout: null,
    program: { shell: 'sh', phases: [] },
    limits: { time: null, silence: null },
    ...changed,
  };
}

export function change(changed: Partial<Change> = {}): Change {
  return {
    kind: 'push',
    branch: 'main',
    tag: null,
    commit: 'a'.repeat(40),
    before: null,
    message: 'A change',
    author: 'Somebody',
    committedAt: null,
    pullRequest: null,
    repository: 'owner/name',
    ...changed,
  };
}

/** A build to be of these jobs; its stages in the order in which jobs name them. */
export function newBuild(
  projectId: number,
  jobs: readonly JobSpec[],
  changed: { change?: Change; fastFinish?: boolean; isolation?: IsolationRules; trust?: NewBuildTrust } = {},
): NewBuild {
  const plan = { jobs, stages: [...new Set(jobs.map((job) => job.stage))], fastFinish: changed.fastFinish ?? false, messages: [] };
  return {
    projectId,
    change: changed.change ?? change(),
    description: '.terrarium.yml',
    isolation: changed.isolation ?? LAX,
    trust: changed.trust ?? TRUSTED,
    plan,
  };
}

/** A project's row. Returns its id. */
export async function insertProject(database: Database, changed: { cancelSuperseded?: boolean } = {}): Promise<number> {
  const { rows } = await database.pool.query<{ id: number }>(
    `insert into projects (name, url, scm, cancel_superseded) values ($1, '/nowhere', 'git', $2) returning id`,
    [randomUUID(), changed.cancelSuperseded ?? false],
  );
  return rows[0]?.id ?? 0;
}

/** Ready machines of `owner`. Returns their ids. */
export async function insertMachines(database: Database, owner: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, () => `m${randomUUID()}`);
  await database.pool.query(
    `insert into machines (id, pool, driver, image, state, owner) select id, 'pool', 'local', 'local', 'ready', $2 from unnest($1::text[]) as id`,
    [ids, owner],
  );
  return ids;
}

/** Gives each of the jobs a machine of its own, as the scheduler does. */
export async function assign(database: Database, owner: string, jobIds: readonly number[]): Promise<AssignedAttempt[]> {
  const ids = await insertMachines(database, owner, jobIds.length);
  const pairs = jobIds.map((jobId, index) => ({ jobId, machineId: ids[index] ?? '', isolation: 'none' }));
  return await withTransaction(database, (client) => assignJobs(client, owner, 60, pairs));
}

/** Writes an attempt's verdict as the executor does. Returns the jobs that its build moved because of it. */
export async function finish(database: Database, owner: string, attemptId: number, verdict: Verdict): Promise<number[]> {
  return await withTransaction(database, async (client) => {
    const [job] = await finishAttempts(client, owner, [{ attemptId, verdict, reason: null, logSize: 0 }]);
    if (job === undefined) throw new Error(`attempt ${attemptId} was refused its verdict`);
    return await advanceBuild(client, job.buildId);
  });
}

/** Runs a queued job of a build, by its name, to a verdict. Returns the jobs that its build moved because of it. */
export async function runJob(database: Database, owner: string, buildId: number, name: string, verdict: Verdict): Promise<number[]> {
  const job = (await jobsOf(database, buildId)).find((one) => one.name === name);
  const [attempt] = await assign(database, owner, job === undefined ? [] : [job.id]);
  if (attempt === undefined) throw new Error(`job ${name} is not queued`);
  return await finish(database, owner, attempt.attemptId, verdict);
}

/** A job as its row says. */
export interface JobState {
  readonly id: number;
  readonly name: string;
  readonly state: string;
  readonly reason: string | null;
  readonly attempt: number;
}

export async function jobsOf(database: Database, buildId: number): Promise<JobState[]> {
  const { rows } = await database.pool.query<JobState>(
    `select id, spec->>'name' as name, state, reason, attempt from jobs where build_id = $1 order by position`,
    [buildId],
  );
  return rows;
}

export async function buildOf(database: Database, id: number): Promise<{ number: number; state: string; started: boolean; finished: boolean }> {
  const { rows } = await database.pool.query<{ number: number; state: string; started: boolean; finished: boolean }>(
    'select number, state, started_at is not null as started, finished_at is not null as finished from builds where id = $1',
    [id],
  );
  if (rows[0] === undefined) throw new Error(`no build ${id}`);
  return rows[0];
}
