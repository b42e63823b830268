import type { EntityManager, Repository as Rows } from 'typeorm';
import { IsolationLevel, StatusDetail, TrustPolicy, type CreateProject, type ProjectView, type UpdateProject } from '#server/api';
import type { BuildViews } from '../builds/build-views.ts';
import { CoreError } from '../common/errors.ts';
import { type Database, codeOf, withTransaction } from '../database/index.ts';
import type { LogStore } from '../logs/index.ts';
import { assertMasked } from '../secrets/masked.ts';
import { learnRefs } from '../triggers/refs.ts';
import { deleteProject } from './delete-project.ts';
import { nameFromUrl } from './name-from-url.ts';
import { ProjectEntity, ProjectSecretEntity } from './project.entity.ts';
import type { Sources } from './sources.ts';

const UNIQUE_VIOLATION = '23505';
/** How often a new project's repository is looked at, unless its settings say something: what the form offers, too. */
const POLL_SECONDS = 60;

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

  /**
   * Adds a project; looks at its repository first, so that a wrong URL or password is told at once and nothing of it stays.
   * What it saw is where polling begins: a push that comes right after is built.
   */
  async create(input: CreateProject, signal: AbortSignal): Promise<ProjectView> {
    const url = input.url.trim();
    const scm = this.sources.providerFor(url);
    const credentials = input.credentials ?? null;
    const { refs, defaultBranch } = await this.sources.look(scm, { url, credentials }, signal);
    const name = input.name ?? nameFromUrl(url);
    const { pollSeconds = POLL_SECONDS, cancelSuperseded = false, isolation = 'none', shellWithSecrets = false } = input.settings ?? {};
    const { trust = {}, statuses = this.sources.abilities(scm).statuses ? 'build' : 'none' } = input.settings ?? {};
    const insert = this.database.dataSource.transaction(async (manager) => {
      const { id } = await manager.save(
        this.rows.create({ name, url, scm, defaultBranch, pollSeconds, cancelSuperseded, isolation, shellWithSecrets, trust, statuses }),
      );
      // Sealed for the row's id, so the row comes first.
      if (credentials) await manager.update(ProjectEntity, { id }, { credentials: this.sources.sealCredentials(credentials, id) });
      await learnRefs(manager, id, refs);
      return id;
    });
    return await this.get(await insert.catch((error: unknown) => rethrow(error, name)));
  }

  /** Puts a project into these groups and no others. Throws `not-found`. */
  async setGroups(id: number, groups: readonly string[]): Promise<ProjectView> {
    await this.row(id);
    await this.database.dataSource.manager.update(ProjectEntity, { id }, { groups: [...new Set(groups)].toSorted() });
    return await this.get(id);
  }

  /** Changes what is given and nothing else. Throws `not-found`, `conflict` for a name that is taken, `invalid` for a secret that no log could hide. */
  async update(id: number, input: UpdateProject): Promise<ProjectView> {
    const secrets = input.secrets ?? {};
    for (const [name, value] of Object.entries(secrets)) if (value !== null) assertMasked(name, value);
    const row = await this.row(id);
    const changes = this.changesOf(id, input);
    const save = this.database.dataSource.transaction(async (manager) => {
      if (Object.keys(changes).length > 0) await manager.update(ProjectEntity, { id }, changes);
      await this.saveSecrets(manager, id, secrets);
    });
    await save.catch((error: unknown) => rethrow(error, input.name ?? row.name));
    return await this.get(id);
  }

  /** Deletes a project with all it has. Throws `not-found`, or `conflict` while anything of it runs or waits. */
  async remove(id: number): Promise<void> {
    const attempts = await withTransaction(this.database, (client) => deleteProject(client, id));
    for (const attempt of attempts) await this.removeLog(attempt);
  }

  private changesOf(id: number, { name, credentials, settings }: UpdateProject): Partial<ProjectEntity> {
    const sealed = credentials && this.sources.sealCredentials(credentials, id);
    const changes: Partial<ProjectEntity> = {
      ...(name !== undefined && { name }),
      ...(sealed !== undefined && { credentials: sealed }),
      ...(settings?.pollSeconds !== undefined && { pollSeconds: settings.pollSeconds }),
      ...(settings?.cancelSuperseded !== undefined && { cancelSuperseded: settings.cancelSuperseded }),
      ...(settings?.isolation !== undefined && { isolation: settings.isolation }),
      ...(settings?.shellWithSecrets !== undefined && { shellWithSecrets: settings.shellWithSecrets }),
      ...(settings?.trust !== undefined && { trust: settings.trust }),
      ...(settings?.statuses !== undefined && { statuses: settings.statuses }),
    };
    return changes;
  }

  /** The project is gone by then: a file that stays is the operator's business, not the client's. */
  private async removeLog(attempt: number): Promise<void> {
    try {
      await this.logs.remove(attempt);
    } catch (error) {
      this.database.logger.warn('the log of a deleted project could not be removed', { attempt, error });
    }
  }

  private async saveSecrets(manager: EntityManager, projectId: number, secrets: Readonly<Record<string, string | null>>): Promise<void> {
    for (const [name, value] of Object.entries(secrets)) {
      if (value === null) await manager.delete(ProjectSecretEntity, { projectId, environment: '', name });
      else await manager.save(ProjectSecretEntity, { projectId, environment: '', name, value: this.sources.sealSecret(projectId, name, value) });
    }
  }

  private async row(id: number): Promise<ProjectEntity> {
    const row = await this.rows.findOneBy({ id });
    if (row === null) throw new CoreError('not-found', `There is no project ${id}.`);
    return row;
  }

  private async views(rows: readonly ProjectEntity[]): Promise<ProjectView[]> {
    const ids = rows.map((row) => row.id);
    const [names, last, forks] = await Promise.all([this.secretNames(ids), this.builds.lastOfProjects(ids), this.forkNames(ids)]);
    return rows.map((row) => ({
      id: row.id,
      name: row.name,
      url: row.url,
      scm: row.scm,
      defaultBranch: row.defaultBranch,
      settings: {
        pollSeconds: row.pollSeconds,
        cancelSuperseded: row.cancelSuperseded,
        isolation: IsolationLevel.parse(row.isolation),
        shellWithSecrets: row.shellWithSecrets,
        trust: TrustPolicy.parse(row.trust),
        statuses: StatusDetail.parse(row.statuses),
      },
      abilities: this.sources.abilities(row.scm),
      fork: forks.get(row.id) ?? null,
      groups: row.groups,
      hasCredentials: row.credentials !== null,
      secretNames: names.get(row.id) ?? [],
      lastBuild: last.get(row.id) ?? null,
      createdAt: row.createdAt.toISOString(),
    }));
  }

  private async forkNames(ids: readonly number[]): Promise<Map<number, string>> {
    const { rows } = await this.database.pool.query<{ id: number; name: string }>(
      'select project_id as id, name from forks where project_id = any($1)',
      [ids],
    );
    return new Map(rows.map(({ id, name }) => [id, name]));
  }

  private async secretNames(ids: readonly number[]): Promise<Map<number, string[]>> {
    const { rows } = await this.database.pool.query<{ id: number; names: string[] }>(
      `select project_id as id, array_agg(name order by name) as names from project_secrets where project_id = any($1) and environment = '' group by 1`,
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
