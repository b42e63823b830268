import {
  PluginError,
  isPluginError,
  type Change,
  type CheckoutOptions,
  type CheckoutPlan,
  type Extension,
  type PluginContext,
  type Ref,
  type Repository,
  type RepositoryCredentials,
  type RepositoryOffer,
  type Revision,
  type ScmProvider,
} from '#plugins/api';
import { GitRepositories } from '#plugins/kit/git-repositories';
import { GithubAccess } from './client/access.ts';
import type { GithubConfig } from './config.ts';
import { GithubPeople } from './github-people.ts';
import { GithubPullRequests } from './github-pull-requests.ts';
import { offeredRepositories } from './offers.ts';
import { GithubPlaces, type Place } from './places.ts';
import { GithubStatuses } from './statuses/github-statuses.ts';
import { GithubWebhooks } from './webhooks/github-webhooks.ts';

/** One GitHub: its repositories are read by git, all else is asked of its API. */
export class GithubProvider extends GitRepositories implements ScmProvider, Extension {
  readonly webhooks: GithubWebhooks;
  readonly statuses: GithubStatuses;
  readonly people: GithubPeople;
  readonly pullRequests: GithubPullRequests;
  private readonly context: PluginContext<GithubConfig>;
  private readonly places: GithubPlaces;
  private readonly access: GithubAccess;
  /** Credentials of the instance that a project's repository was opened with. */
  private readonly lent = new WeakSet<RepositoryCredentials>();

  constructor(context: PluginContext<GithubConfig>) {
    const { config, folder, logger, store } = context;
    const { archiveMegabytes, ...git } = config.git;
    super({ ...git, folder, archiveBytes: archiveMegabytes * 1024 * 1024, localFolders: [] });
    this.context = context;
    this.places = new GithubPlaces(config.webUrl);
    this.access = new GithubAccess(config, logger);
    this.webhooks = new GithubWebhooks(this.places, this.access, store, config.app);
    this.statuses = new GithubStatuses(this.places, this.access, config.app?.id ?? null);
    this.people = new GithubPeople(this.places, this.access);
    this.pullRequests = new GithubPullRequests(this.places, this.access);
  }

  /** Stops the server where git is missing, or the App's key or the token's file cannot be read. */
  async init(signal: AbortSignal): Promise<void> {
    await super.check(signal);
    await this.access.init();
  }

  override async check(signal: AbortSignal): Promise<void> {
    await super.check(signal);
    await this.access.check(signal);
  }

  override matches(url: string): boolean {
    return this.places.find(url) !== null;
  }

  override identify(url: string): string | null {
    const place = this.places.find(url);
    return place === null ? null : this.places.identify(`${place.owner}/${place.name}`);
  }

  override async refs(
    repository: Repository,
    signal: AbortSignal,
  ): Promise<{ readonly refs: readonly Ref[]; readonly defaultBranch: string | null }> {
    return await this.reading(repository, signal, (opened) => super.refs(opened, signal));
  }

  override async resolve(repository: Repository, ref: string | null, signal: AbortSignal): Promise<Change> {
    return await this.reading(repository, signal, (opened) => super.resolve(opened, ref, signal));
  }

  override async change(repository: Repository, revision: Revision, signal: AbortSignal): Promise<Change> {
    return await this.reading(repository, signal, (opened) => super.change(opened, revision, signal));
  }

  override async readFiles(
    repository: Repository,
    commit: string,
    paths: readonly string[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<string, string>> {
    return await this.reading(repository, signal, (opened) => super.readFiles(opened, commit, paths, signal));
  }

  override async checkout(repository: Repository, change: Change, options: CheckoutOptions, signal: AbortSignal): Promise<CheckoutPlan> {
    return await this.reading(repository, signal, (opened) => super.checkout(opened, change, options, signal));
  }

  async repositories(signal: AbortSignal): Promise<readonly RepositoryOffer[]> {
    return await offeredRepositories(this.access, this.context.logger, signal);
  }

  /**
   * A stranger's pull request may name any repository as a submodule: the instance's credentials would open it to him. A project's own ones are its maintainer's
   * to give.
   */
  protected override forSubmodules(credentials: RepositoryCredentials | null): RepositoryCredentials | null {
    return credentials !== null && this.lent.has(credentials) ? null : credentials;
  }

  /** Reads with the project's credentials, or with the instance's where it has none. */
  private async reading<Result>(repository: Repository, signal: AbortSignal, read: (opened: Repository) => Promise<Result>): Promise<Result> {
    const place = this.places.get(repository.url);
    signal.throwIfAborted();
    // A token is nothing to ssh.
    const isOverHttp = /^https?:/i.test(repository.url);
    const credentials = repository.credentials ?? (isOverHttp ? await this.lend(place, signal) : null);
    try {
      return await read({ ...repository, credentials });
    } catch (error) {
      // Another repository may have taken the place of the one that the token is for.
      if (credentials !== null && this.lent.has(credentials) && isRefused(error)) this.access.forget(place);
      if (credentials === null && isOverHttp && isPluginError(error, 'unauthorized')) throw unseen(repository, error);
      throw error;
    }
  }

  private async lend(place: Place, signal: AbortSignal): Promise<RepositoryCredentials | null> {
    const credentials = await this.access.gitCredentials(place, signal);
    if (credentials !== null) this.lent.add(credentials);
    return credentials;
  }
}

function isRefused(error: unknown): boolean {
  return isPluginError(error, 'unauthorized') || isPluginError(error, 'not-found');
}

/** GitHub asks who is there, whether a repository is private or does not exist at all. */
function unseen({ url }: Repository, cause: PluginError): PluginError {
  return new PluginError('not-found', `${url}: there is no such repository, or it is private; then give the project a token that may read it.`, {
    cause,
  });
}
