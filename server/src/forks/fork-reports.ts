import type { Pool } from 'pg';
import { type ForkPackageReport, type ForkPair, type ForkReport, JobState, TestReport } from '#server/api';
import { mayRead, type Readable } from '../auth/rights.ts';
import { CoreError } from '../common/errors.ts';
import { type ComparedJob, comparePair, worst } from './compare.ts';

const REVISIONS = 30;

interface JobRow {
  readonly buildId: number;
  readonly id: number;
  readonly name: string;
  readonly row: string;
  readonly state: string;
  readonly reason: string | null;
  readonly tests: unknown;
}

interface PackageRow {
  readonly projectId: number;
  readonly projectName: string;
  readonly buildId: number | null;
  readonly problem: string | null;
  readonly commit: string | null;
}

/** Can we ship this fork? How the packages that are tried on it come out on it, beside how they do on its upstream. */
export class ForkReports {
  constructor(private readonly pool: Pool) {}

  /** Of a revision, or of the newest that there is anything of. Throws `not-found` for a project that is no fork, or a revision that it has not published. */
  async of(forkId: number, wanted: string | null, readable: Readable): Promise<ForkReport> {
    const fork = await this.fork(forkId);
    const revisions = await this.revisions(forkId, wanted);
    const revision = wanted ?? revisions[0]?.revision ?? null;
    if (wanted !== null && !(await this.knows(forkId, wanted))) throw new CoreError('not-found', `${fork.name} has published no revision ${wanted}.`);
    if (revision === null) return { ...fork, revision, own: null, revisions, packages: [] };
    const packages = (await this.packages(forkId, revision)).filter(({ projectId }) => mayRead(readable, projectId));
    const jobs = await this.jobs(packages.flatMap(({ buildId }) => buildId ?? []));
    return { ...fork, revision, own: await this.own(forkId, revision), revisions, packages: packages.map((one) => reportOf(one, jobs)) };
  }

  private async fork(projectId: number): Promise<{ name: string; upstream: string | null }> {
    const { rows } = await this.pool.query<{ name: string; upstream: string | null }>('select name, upstream from forks where project_id = $1', [
      projectId,
    ]);
    const [row] = rows;
    if (row === undefined) throw new CoreError('not-found', `Project ${projectId} is no fork of Python.`);
    return row;
  }

  /** Whether it has published a revision, or packages were tried on it. */
  private async knows(forkId: number, revision: string): Promise<boolean> {
    const { rows } = await this.pool.query<{ known: boolean }>(
      `select exists (select 1 from interpreters where fork_id = $1 and revision = $2) or exists (select 1 from fork_builds where fork_id = $1 and revision = $2) as known`,
      [forkId, revision],
    );
    return rows[0]?.known === true;
  }

  /** The newest, and the one that is asked for. */
  private async revisions(forkId: number, wanted: string | null): Promise<ForkReport['revisions']> {
    const { rows } = await this.pool.query<{ revision: string; branches: string[]; at: Date }>({
      name: 'fork-revisions',
      text: `with named as (select i.revision, n.name, max(n.build_number) as number, max(i.created_at) as at
           from interpreters i join interpreter_names n on n.interpreter_id = i.id where i.fork_id = $1 group by i.revision, n.name),
         listed as (select revision, array_agg(name order by number desc, name) as branches, max(at) as at, row_number() over (order by max(number) desc, revision) as place
           from named group by revision)
       select revision, branches, at from listed where place <= ${REVISIONS} or revision = $2 order by place`,
      values: [forkId, wanted],
    });
    return rows.map(({ at, ...row }) => ({ ...row, at: at.toISOString() }));
  }

  private async own(forkId: number, revision: string): Promise<ForkReport['own']> {
    const { rows } = await this.pool.query<{ buildId: number; state: string }>(
      `select b.id as "buildId", b.state from interpreters i join builds b on b.id = i.build_id where i.fork_id = $1 and i.revision = $2 order by b.id desc limit 1`,
      [forkId, revision],
    );
    return rows[0] ?? null;
  }

  private async packages(forkId: number, revision: string): Promise<PackageRow[]> {
    const { rows } = await this.pool.query<PackageRow>(
      `select p.id as "projectId", p.name as "projectName", f.build_id as "buildId", f.problem, b.change->>'commit' as commit
       from fork_builds f join projects p on p.id = f.project_id left join builds b on b.id = f.build_id where f.fork_id = $1 and f.revision = $2 order by p.name`,
      [forkId, revision],
    );
    return rows;
  }

  private async jobs(buildIds: readonly number[]): Promise<JobRow[]> {
    const { rows } = await this.pool.query<JobRow>(
      `select j.build_id as "buildId", j.id, j.spec->>'name' as name, j.spec->'cell'->>'row' as "row", j.state, j.reason, a.tests
       from jobs j left join attempts a on a.job_id = j.id and a.number = j.attempt where j.build_id = any($1) order by j.build_id, j.position`,
      [buildIds],
    );
    return rows;
  }
}

/** Jobs come in pairs, upstream first: see `onFork`. */
function reportOf(one: PackageRow, all: readonly JobRow[]): ForkPackageReport {
  const jobs = all.filter(({ buildId }) => buildId === one.buildId);
  const pairs = jobs.flatMap((job, index): ForkPair[] => {
    const other = jobs[index + 1];
    return index % 2 === 1 || other === undefined ? [] : [comparePair(nameOf(job), comparedOf(job), comparedOf(other))];
  });
  const outcome = worst(pairs.map((pair) => pair.outcome));
  const problem = one.problem ?? (one.buildId !== null && pairs.length === 0 ? 'none of its jobs could be tried: its build says why' : null);
  return { ...one, outcome, problem, pairs };
}

/** Without what tells the two apart. */
function nameOf({ name }: JobRow): string {
  return name.replace(/ · on [^·]*$/, '');
}

function comparedOf({ id, name, state, reason, tests }: JobRow): ComparedJob {
  const report = TestReport.nullable()
    .catch(null)
    .parse(tests ?? null);
  return { jobId: id, name, state: JobState.parse(state), reason, tests: report };
}
