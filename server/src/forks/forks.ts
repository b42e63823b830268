import type { Pool } from 'pg';
import type { ForkView, PublishedInterpreter, SetFork } from '#server/api';
import { mayRead, type Readable } from '../auth/rights.ts';
import { CoreError } from '../common/errors.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import { codeOf } from '../database/index.ts';
import type { InterpreterCache } from './interpreter-cache.ts';

const UNIQUE_VIOLATION = '23505';
const SHOWN = 50;

interface ForkRow {
  readonly projectId: number;
  readonly name: string;
  readonly upstream: string | null;
  readonly definition: string | null;
  readonly configure: string[];
  readonly tests: string[] | null;
  readonly images: string[];
}

/** Which projects are forks of Python, how they are built, and which packages are tried on them. */
export class Forks {
  constructor(
    private readonly pool: Pool,
    private readonly cache: InterpreterCache,
    private readonly events: DomainEvents,
  ) {}

  /** Null where the project is an ordinary one. */
  async find(projectId: number): Promise<SetFork | null> {
    const row = await this.row(projectId);
    return row === null ? null : settingsOf(row);
  }

  /** Throws `not-found` where the project is no fork. */
  async get(projectId: number, readable: Readable): Promise<ForkView> {
    const row = await this.row(projectId);
    if (row === null) throw new CoreError('not-found', `Project ${projectId} is no fork of Python.`);
    const [packages, published] = await Promise.all([this.packages(projectId), this.published(projectId)]);
    return { ...settingsOf(row), projectId, packages: packages.filter((one) => mayRead(readable, one.projectId)), published };
  }

  /**
   * Makes a project a fork, or changes how it is built. What it has published stays. Throws `conflict` for a name that another fork has, and where packages are tried on what is to be
   * compared with nothing.
   */
  async set(projectId: number, { name, upstream, definition, configure, tests, images }: SetFork): Promise<void> {
    try {
      const { rowCount } = await this.pool.query(
        `insert into forks (project_id, name, upstream, definition, configure, tests, images) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (project_id) do update set name = $2, upstream = $3, definition = $4, configure = $5, tests = $6, images = $7
           where $3::text is not null or not exists (select 1 from fork_packages p where p.fork_id = $1)`,
        [projectId, name, upstream, definition, configure, tests, images],
      );
      if (rowCount === 0) throw new CoreError('conflict', 'Packages are tried on it, beside its upstream: take them off before you take that away.');
    } catch (error) {
      if (codeOf(error) === UNIQUE_VIOLATION) throw new CoreError('conflict', `There is a fork ${name} already: jobs ask for forks by name.`);
      throw error;
    }
    await this.changed();
  }

  /** Makes it an ordinary project again; what it has published is gone. Throws `not-found`. */
  async remove(projectId: number): Promise<void> {
    const { rowCount } = await this.pool.query('delete from forks where project_id = $1', [projectId]);
    if (rowCount === 0) throw new CoreError('not-found', `Project ${projectId} is no fork of Python.`);
    await this.changed();
  }

  /** Tries a package on each revision of a fork from now on. Throws `not-found`, `invalid` for the fork itself. */
  async addPackage(forkId: number, projectId: number): Promise<void> {
    const fork = await this.row(forkId);
    if (fork === null) throw new CoreError('not-found', `Project ${forkId} is no fork of Python.`);
    if (fork.upstream === null)
      throw new CoreError('invalid', `${fork.name} is compared with nothing: packages are tried on forks, beside their upstream.`);
    if (forkId === projectId || (await this.row(projectId)) !== null)
      throw new CoreError('invalid', 'A fork of Python is no package to be tried on one: choose another project.');
    const { rowCount } = await this.pool.query(
      `insert into fork_packages (fork_id, project_id)
       select f.project_id, p.id from (select project_id from forks where project_id = $1 and upstream is not null for update) f, projects p where p.id = $2
       on conflict do nothing`,
      [forkId, projectId],
    );
    if (rowCount !== 0) return;
    const known = await this.pool.query('select 1 from projects where id = $1', [projectId]);
    if (known.rowCount === 0) throw new CoreError('not-found', `There is no project ${projectId}.`);
  }

  /** Throws `not-found`. */
  async removePackage(forkId: number, projectId: number): Promise<void> {
    const { rowCount } = await this.pool.query('delete from fork_packages where fork_id = $1 and project_id = $2', [forkId, projectId]);
    if (rowCount === 0) throw new CoreError('not-found', `Project ${projectId} is not tried on it.`);
  }

  private async changed(): Promise<void> {
    await this.cache.refresh();
    this.events.emit('wake');
  }

  private async row(projectId: number): Promise<ForkRow | null> {
    const { rows } = await this.pool.query<ForkRow>(
      'select project_id as "projectId", name, upstream, definition, configure, tests, images from forks where project_id = $1',
      [projectId],
    );
    return rows[0] ?? null;
  }

  private async packages(forkId: number): Promise<ForkView['packages']> {
    const { rows } = await this.pool.query<ForkView['packages'][number]>(
      'select p.id as "projectId", p.name as "projectName" from fork_packages f join projects p on p.id = f.project_id where f.fork_id = $1 order by p.name',
      [forkId],
    );
    return rows;
  }

  private async published(forkId: number): Promise<PublishedInterpreter[]> {
    const { rows } = await this.pool.query<Omit<PublishedInterpreter, 'bytes' | 'createdAt'> & { bytes: string; createdAt: Date }>(
      `select i.revision, array_agg(n.name order by n.build_number desc, n.name) as branches, i.image, i.version, i.bytes, i.sha256, i.build_id as "buildId", i.created_at as "createdAt"
       from interpreters i join interpreter_names n on n.interpreter_id = i.id where i.fork_id = $1 and i.sha256 is not null
       group by i.id order by max(n.build_number) desc, i.id desc limit ${SHOWN}`,
      [forkId],
    );
    return rows.map((row) => ({ ...row, bytes: Number(row.bytes), createdAt: row.createdAt.toISOString() }));
  }
}

function settingsOf({ projectId: _id, ...settings }: ForkRow): SetFork {
  return settings;
}
