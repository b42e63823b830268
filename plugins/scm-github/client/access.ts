import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { PluginError, isPluginError, type Logger, type Repository, type RepositoryCredentials } from '#plugins/api';
import { apiUrlOf, isPaced, type GithubConfig } from '../config.ts';
import type { Place } from '../places.ts';
import { AppIdentity, InstallationTokens, type Scope } from './app-tokens.ts';
import { GithubApi, type Identity } from './github-api.ts';
import { makeOctokit } from './octokit.ts';

/** An account at which the App is installed. */
export interface Installation {
  readonly id: number;
  readonly owner: string;
  readonly isSuspended: boolean;
}

const Id = z.object({ id: z.number().int() });
const Installations = z.array(
  z.object({ id: z.number().int(), account: z.object({ login: z.string() }).nullish(), suspended_at: z.string().nullish() }),
);

/** Tokens of projects, and installations, that are remembered: enough for anybody, and none for ever. */
const REMEMBERED = 1000;
/** What can stand in a header; the error for what cannot would show it. */
const PLAUSIBLE_TOKEN = /^[\x21-\x7e]+$/;
/** GitHub takes any user name beside a token; this is the one it recommends. */
const TOKEN_USER = 'x-access-token';

/** In whose name the API is asked for a repository: the instance's App or token, else the project's own token, else nobody's. */
export class GithubAccess {
  private readonly config: GithubConfig;
  private readonly logger: Logger;
  private readonly app: { readonly identity: AppIdentity; readonly api: GithubApi; readonly tokens: InstallationTokens } | null;
  private readonly apis = new Map<string, GithubApi>();
  private readonly installations = new Map<string, number>();
  private readonly repositoryIds = new Map<string, number>();

  constructor(config: GithubConfig, logger: Logger) {
    this.config = config;
    this.logger = logger;
    this.app = config.app === undefined ? null : this.openApp(new AppIdentity(config.app));
  }

  /** Throws `invalid` where the App's key or the token's file cannot be read. */
  async init(): Promise<void> {
    await this.app?.identity.open();
    await this.instanceToken();
  }

  /** Whether GitHub takes the instance's own credentials; without any there is nothing to ask. */
  async check(signal: AbortSignal): Promise<void> {
    if (this.app !== null) return this.app.api.do({ route: 'GET /app', what: 'see our own App' }, signal);
    const token = await this.instanceToken();
    if (token !== null) await this.withToken(token).do({ route: 'GET /user', what: 'see whose token we have' }, signal);
  }

  /** For what concerns one repository. */
  async forRepository(repository: Repository, { owner, name }: Place, signal: AbortSignal): Promise<GithubApi> {
    const installation = await this.installationAt(`/repos/${owner}/${name}`, signal);
    return installation === null ? this.withoutApp(repository) : this.asInstallation(installation);
  }

  /** For what concerns an organisation; with an App that is not installed there, as for the repository. */
  async forOrganization(organization: string, repository: Repository, place: Place, signal: AbortSignal): Promise<GithubApi> {
    const installation = await this.installationAt(`/orgs/${organization}`, signal);
    return installation === null ? this.forRepository(repository, place, signal) : this.asInstallation(installation);
  }

  /** For what everybody may know. */
  async forAnybody(signal: AbortSignal): Promise<GithubApi> {
    const [first] = this.app === null ? [] : (await this.installed(signal)).filter(({ isSuspended }) => !isSuspended);
    if (first !== undefined) return this.asInstallation(first.id);
    const token = await this.instanceToken();
    return token === null ? this.anonymous() : this.withToken(token);
  }

  /** The instance's token; null where it has an App or nothing. */
  async forInstance(): Promise<GithubApi | null> {
    const token = await this.instanceToken();
    return token === null ? null : this.withToken(token);
  }

  /** Where the App is installed; empty without one. */
  async installed(signal: AbortSignal): Promise<readonly Installation[]> {
    if (this.app === null) return [];
    const call = { route: 'GET /app/installations', what: 'list where the App is installed' };
    const all = await this.app.api.list({ schema: Installations, pick: (page) => page, most: REMEMBERED }, call, signal);
    return all.map(({ id, account, suspended_at: suspended }) => ({ id, owner: account?.login ?? '', isSuspended: (suspended ?? null) !== null }));
  }

  asInstallation(installation: number): GithubApi {
    const { app } = this;
    if (app === null) throw new PluginError('unsupported', 'This instance has no GitHub App.');
    return this.remembered(`installation ${installation}`, {
      kind: 'installation',
      authorization: async (signal) => `token ${await this.tokenOf(app.tokens, installation, null, signal)}`,
      refused: () => this.dropInstallation(installation),
    });
  }

  /**
   * What git reads a repository with whose project has no credentials: of an App a token for just this repository, else the instance's token. Null where there is
   * neither.
   */
  async gitCredentials(place: Place, signal: AbortSignal): Promise<RepositoryCredentials | null> {
    const installation = await this.installationAt(`/repos/${place.owner}/${place.name}`, signal);
    const password = installation === null ? await this.instanceToken() : await this.readingToken(place, installation, signal);
    return password === null ? null : { kind: 'password', user: TOKEN_USER, password };
  }

  /** What git was given for this repository was refused: the next time it is asked for anew. */
  forget({ owner, name }: Place): void {
    const installation = this.installations.get(`/repos/${owner}/${name}`.toLowerCase());
    this.repositoryIds.delete(`${owner}/${name}`.toLowerCase());
    if (installation !== undefined) this.dropInstallation(installation);
  }

  private openApp(identity: AppIdentity): NonNullable<GithubAccess['app']> {
    const api = this.make('app', identity);
    return { identity, api, tokens: new InstallationTokens(api) };
  }

  private async withoutApp({ credentials }: Repository): Promise<GithubApi> {
    const token = (await this.instanceToken()) ?? (credentials?.kind === 'password' ? credentials.password : null);
    return token === null ? this.anonymous() : this.withToken(token);
  }

  /** The number of the App's installation that serves the account or repository at this path; null where there is none. */
  private async installationAt(path: string, signal: AbortSignal): Promise<number | null> {
    if (this.app === null) return null;
    const key = path.toLowerCase();
    const known = this.installations.get(key);
    if (known !== undefined) return known;
    const call = { route: `GET ${path}/installation`, what: 'find the installation of our App' };
    const found = await this.app.api.find(Id, call, signal);
    if (found !== null) remember(this.installations, key, found.id);
    return found?.id ?? null;
  }

  /** By its id, because a name may have changed. */
  private async readingToken({ owner, name }: Place, installation: number, signal: AbortSignal): Promise<string | null> {
    const key = `${owner}/${name}`.toLowerCase();
    const call = { route: 'GET /repos/{owner}/{repo}', what: `look at ${owner}/${name}`, parameters: { owner, repo: name } };
    const repository = this.repositoryIds.get(key) ?? (await this.asInstallation(installation).ask(Id, call, signal)).id;
    remember(this.repositoryIds, key, repository);
    if (this.app === null) return null;
    try {
      return await this.tokenOf(this.app.tokens, installation, { repository, permissions: { contents: 'read' } }, signal);
    } catch (error) {
      this.repositoryIds.delete(key);
      throw error;
    }
  }

  private async tokenOf(tokens: InstallationTokens, installation: number, scope: Scope | null, signal: AbortSignal): Promise<string> {
    try {
      return await tokens.get(installation, scope, signal);
    } catch (cause) {
      if (!isPluginError(cause, 'not-found') && !isPluginError(cause, 'rejected')) throw cause;
      this.dropInstallation(installation);
      throw new PluginError('unauthorized', 'The GitHub App is no longer installed there, or not for this repository: install it again.', { cause });
    }
  }

  private dropInstallation(installation: number): void {
    for (const [key, id] of this.installations) if (id === installation) this.installations.delete(key);
    this.app?.tokens.forget(installation);
  }

  private async instanceToken(): Promise<string | null> {
    const { token, tokenFile } = this.config;
    if (tokenFile === undefined) return token ?? null;
    try {
      return (await readFile(tokenFile, 'utf8')).trim();
    } catch (cause) {
      throw new PluginError('invalid', `The file ${tokenFile} with the token for GitHub cannot be read.`, { cause });
    }
  }

  private withToken(token: string): GithubApi {
    if (!PLAUSIBLE_TOKEN.test(token)) throw new PluginError('unauthorized', 'The token for GitHub is empty, or holds characters that no token has.');
    const id = createHash('sha256').update(token).digest('hex').slice(0, 16);
    return this.remembered(`token ${id}`, { kind: 'token', authorization: async () => `token ${token}` });
  }

  private anonymous(): GithubApi {
    return this.remembered('anonymous', { kind: 'anonymous', authorization: async () => null });
  }

  private remembered(id: string, identity: Identity): GithubApi {
    const api = this.apis.get(id) ?? this.make(id, identity);
    remember(this.apis, id, api);
    return api;
  }

  private make(id: string, identity: Identity): GithubApi {
    const { config, logger } = this;
    const octokit = makeOctokit({ apiUrl: apiUrlOf(config), id, isPaced: isPaced(config), logger });
    return new GithubApi({ octokit, identity, times: config, logger });
  }
}

/** Puts it last; the first goes where there are too many. */
function remember<Value>(all: Map<string, Value>, key: string, value: Value): void {
  all.delete(key);
  all.set(key, value);
  const [oldest] = all.keys();
  if (all.size > REMEMBERED && oldest !== undefined) all.delete(oldest);
}
