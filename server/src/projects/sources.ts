import type { Repository as Rows } from 'typeorm';
import { z } from 'zod';
import type { Change, CheckoutOptions, CheckoutPlan, Ref, Repository, RepositoryCredentials, Revision, ScmProvider } from '#plugins/api';
import type { ProjectView } from '#server/api';
import { CoreError } from '../common/errors.ts';
import type { Database } from '../database/index.ts';
import type { Registry } from '../plugins/index.ts';
import { placeOfSecret } from '../secrets/places.ts';
import { ProjectEntity } from './project.entity.ts';
import type { SecretBox } from './secret-box.ts';

const StoredCredentials = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('password'), user: z.string(), password: z.string() }),
  z.object({ kind: z.literal('ssh-key'), privateKey: z.string(), knownHosts: z.string().nullable() }),
]) satisfies z.ZodType<RepositoryCredentials>;

/** The way from a project to its repository: provider and credentials, unsealed only here. */
export class Sources {
  private readonly projects: Rows<ProjectEntity>;

  constructor(
    database: Database,
    private readonly registry: Registry,
    private readonly box: SecretBox,
  ) {
    this.projects = database.dataSource.getRepository(ProjectEntity);
  }

  /** The name of the first provider instance that reads `url`. Throws `invalid` if none does. */
  providerFor(url: string): string {
    const found = this.registry.all('scm').find((instance) => instance.extension.matches(url));
    if (found) return found.name;
    const names = this.registry.all('scm').map((instance) => instance.name);
    throw new CoreError(
      'invalid',
      `No code host here reads ${url} (there are: ${names.join(', ') || 'none'}). Give a URL that git can clone, or one of Mercurial behind hg+.`,
    );
  }

  sealCredentials(credentials: RepositoryCredentials, projectId: number): Buffer {
    return this.box.seal(JSON.stringify(credentials), `projects/${projectId}/credentials`);
  }

  sealSecret(projectId: number, name: string, value: string): Buffer {
    return this.box.seal(value, placeOfSecret(projectId, '', name));
  }

  /** What a code host can do besides reading. Of one that is no longer configured: nothing. */
  abilities(scm: string): ProjectView['abilities'] {
    const host = this.registry.find('scm', scm);
    return {
      webhooks: host?.webhooks !== undefined,
      statuses: host?.statuses !== undefined,
      people: host?.people !== undefined,
      pullRequests: host?.pullRequests !== undefined,
    };
  }

  /** Looks at a repository that is no project's yet. */
  async look(
    scm: string,
    repository: Repository,
    signal: AbortSignal,
  ): Promise<{ readonly refs: readonly Ref[]; readonly defaultBranch: string | null }> {
    return await this.registry.get('scm', scm).refs(repository, signal);
  }

  async refs(projectId: number, signal: AbortSignal): Promise<{ readonly refs: readonly Ref[]; readonly defaultBranch: string | null }> {
    const { scm, repository } = await this.open(projectId);
    return await scm.refs(repository, signal);
  }

  async resolve(projectId: number, ref: string | null, signal: AbortSignal): Promise<Change> {
    const { scm, repository } = await this.open(projectId);
    return await scm.resolve(repository, ref, signal);
  }

  /** The change that a revision is: see `ScmProvider.change`. */
  async change(projectId: number, revision: Revision, signal: AbortSignal): Promise<Change> {
    const { scm, repository } = await this.open(projectId);
    return await scm.change(repository, revision, signal);
  }

  async readFiles(projectId: number, commit: string, paths: readonly string[], signal: AbortSignal): Promise<ReadonlyMap<string, string>> {
    const { scm, repository } = await this.open(projectId);
    return await scm.readFiles(repository, commit, paths, signal);
  }

  async checkout(projectId: number, change: Change, options: CheckoutOptions, signal: AbortSignal): Promise<CheckoutPlan> {
    const { scm, repository } = await this.open(projectId);
    return await scm.checkout(repository, change, options, signal);
  }

  /** A project's provider, and its repository with its credentials. Throws `not-found`. */
  async open(projectId: number): Promise<{ scm: ScmProvider; repository: Repository }> {
    const project = await this.projects.findOneBy({ id: projectId });
    if (project === null) throw new CoreError('not-found', `There is no project ${projectId}.`);
    const place = `projects/${project.id}/credentials`;
    const credentials = project.credentials === null ? null : StoredCredentials.parse(JSON.parse(this.box.unseal(project.credentials, place)));
    return { scm: this.registry.get('scm', project.scm), repository: { url: project.url, credentials } };
  }
}
