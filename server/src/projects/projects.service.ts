import type { EntityManager, Repository as Rows } from 'typeorm';
import type { CreateProject, ProjectView, UpdateProject } from '#server/api';
import type { BuildViews } from '../builds/build-views.ts';
import { CoreError } from '../common/errors.ts';
import { type Database, codeOf } from '../database/index.ts';
import type { LogStore } from '../logs/index.ts';
import { nameFromUrl } from './name-from-url.ts';
import { ProjectEntity, ProjectSecretEntity } from './project.entity.ts';
import type { Sources } from './sources.ts';

const UNIQUE_VIOLATION = '23505';

/** Projects and their settings. */
export class Projects {
  private readonly rows: Rows<ProjectEntity>;

  constructor(
    private readonly database: Database,
    private readonly sources: Sources,
    private readonly builds: BuildViews,
    private readonly logs: LogStore,
  ) {
    this.rows = database.dataSource.getRepository(ProjectEntity);
  }

  async list(): Promise<ProjectView[]> {
    return await this.views(await this.rows.find({ order: { name: 'ASC' } }));
  }

  /** Throws `not-found`. */
  async get(id: number): Promise<ProjectView> {
    const [view] = await this.views([await this.row(id)]);
    if (!view) throw new CoreError('not-found', `There is no project ${id}.`);
    return view;
  }

  /** Adds a project; looks at its repository first, so that a wrong URL or password is told at once. */
  async create(input: CreateProject, signal: AbortSignal): Promise<ProjectView> {
    const url = input.url.trim();
    const scm = this.sources.providerFor(url);
    const name = input.name ?? nameFromUrl(url);
    const row = this.rows.create({
      name,
      url,
      scm,
      pollSeconds: input.settings?.pollSeconds ?? null,
      cancelSuperseded: input.settings?.cancelSuperseded ?? false,
    });
    const saved = await this.saveNew(row);
    try {
      // Sealed for the row's id, so the row comes first.
      if (input.credentials) await this.rows.update({ id: saved.id }, { credentials: this.sources.sealCredentials(input.credentials, saved.id) });
      const { defaultBranch } = await this.sources.refs(saved.id, signal);
      await this.rows.update({ id: saved.id }, { defaultBranch });
    } catch (error) {
      await this.rows.delete({ id: saved.id });
      throw error;
    }
    return await this.get(saved.id);
  }

  async update(id: number, input: UpdateProject): Promise<ProjectView> {
    const row = await this.row(id);
    if (input.name !== undefined) row.name = input.name;
    if (input.credentials !== undefined) row.credentials = input.credentials && this.sources.sealCredentials(input.credentials, id);
    if (input.settings?.pollSeconds !== undefined) row.pollSeconds = input.settings.pollSeconds;
    if (input.settings?.cancelSuperseded !== undefined) row.cancelSuperseded = input.settings.cancelSuperseded;
    const save = this.database.dataSource.transaction(async (manager) => {
      await manager.save(row);
      await this.saveSecrets(manager, id, input.secrets ?? {});
    });
    await save.catch((error: unknown) => rethrow(error, row.name));
    return await this.get(id);
  }

  async remove(id: number): Promise<void> {
    const { rows } = await this.database.pool.query(`select 1 from builds where project_id = $1 and finished_at is null limit 1`, [id]);
    if (rows.length > 0) throw new CoreError('conflict', 'A build of this project still runs: cancel it first.');
    await this.row(id);
    const attempts = await this.database.pool.query<{ id: number }>(
      'select a.id from attempts a join jobs j on j.id = a.job_id where j.project_id = $1',
      [id],
    );
    await this.rows.delete({ id });
    for (const attempt of attempts.rows) await this.logs.remove(attempt.id);
  }

  private async saveSecrets(manager: EntityManager, projectId: number, secrets: Readonly<Record<string, string | null>>): Promise<void> {
    for (const [name, value] of Object.entries(secrets)) {
      if (value === null) await manager.delete(ProjectSecretEntity, { projectId, name });
      else await manager.save(ProjectSecretEntity, { projectId, name, value: this.sources.sealSecret(projectId, name, value) });
    }
  }

  private async saveNew(row: ProjectEntity): Promise<ProjectEntity> {
    return await this.rows.save(row).catch((error: unknown) => rethrow(error, row.name));
  }

  private async row(id: number): Promise<ProjectEntity> {
    const row = await this.rows.findOneBy({ id });
    if (row === null) throw new CoreError('not-found', `There is no project ${id}.`);
    return row;
  }

  private async views(rows: readonly ProjectEntity[]): Promise<ProjectView[]> {
    const ids = rows.map((row) => row.id);
    const [names, last] = await Promise.all([this.secretNames(ids), this.builds.lastOfProjects(ids)]);
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      url: row.url,
      scm: row.scm,
      defaultBranch: row.defaultBranch,
      settings: { pollSeconds: row.pollSeconds, cancelSuperseded: row.cancelSuperseded },
      hasCredentials: row.credentials !== null,
      secretNames: names.get(row.id) ?? [],
      lastBuild: last.get(row.id) ?? null,
      createdAt: row.createdAt.toISOString(),
    }));
  }

  private async secretNames(ids: readonly number[]): Promise<Map<number, string[]>> {
    const { rows } = await this.database.pool.query<{ id: number; names: string[] }>(
      `select project_id as id, array_agg(name order by name) as names from project_secrets where project_id = any($1) group by 1`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, row.names]));
  }
}

/** Two projects of one name are the client's mistake. */
function rethrow(error: unknown, name: string): never {
  if (codeOf(error) !== UNIQUE_VIOLATION) throw error;
  throw new CoreError('conflict', `There is already a project "${name}": choose another name.`, { cause: error });
}
