import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createAppAuth } from '@octokit/auth-app';
import { z } from 'zod';
import { PluginError, isPluginError } from '#plugins/api';
import { SharedWork } from '#plugins/kit/shared-work';
import type { AppConfig } from '../config.ts';
import type { GithubApi, Identity } from './github-api.ts';

const InstallationToken = z.object({ token: z.string().min(1), expires_at: z.iso.datetime({ offset: true }) });
type InstallationToken = z.infer<typeof InstallationToken>;

/** One that is about to expire is not begun with. */
const MARGIN_MS = 2 * 60_000;

/** What a token of an installation is limited to; null: all that the installation may. */
export interface Scope {
  /** GitHub's id of the only repository. */
  readonly repository: number;
  readonly permissions: Readonly<Record<string, 'read' | 'write'>>;
}

/**
 * The App as such: proves who it is by a token signed with its key. Source:
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/generating-a-json-web-token-jwt-for-a-github-app
 */
export class AppIdentity implements Identity {
  readonly kind = 'app';
  private readonly app: AppConfig;
  private auth: ReturnType<typeof createAppAuth> | null = null;

  constructor(app: AppConfig) {
    this.app = app;
  }

  /** Reads the key, once. Throws `invalid` where it is none. */
  async open(): Promise<ReturnType<typeof createAppAuth>> {
    this.auth ??= createAppAuth({ appId: this.app.id, privateKey: await readKey(this.app) });
    return this.auth;
  }

  async authorization(): Promise<string> {
    const auth = await this.open();
    return `bearer ${(await auth({ type: 'app' })).token}`;
  }
}

/**
 * Tokens of the App's installations, each used until it expires. @octokit/auth-app would keep them, too, but shares what is under way between all GitHubs of the
 * process by the installation's number alone, and cannot be told to stop.
 */
export class InstallationTokens {
  private readonly api: GithubApi;
  private readonly tokens = new Map<string, InstallationToken>();
  private readonly asking = new SharedWork<InstallationToken>();

  constructor(api: GithubApi) {
    this.api = api;
  }

  async get(installation: number, scope: Scope | null, signal: AbortSignal): Promise<string> {
    const key = JSON.stringify([installation, scope]);
    const known = this.tokens.get(key);
    if (known !== undefined && Date.parse(known.expires_at) - MARGIN_MS > Date.now()) return known.token;
    return (await this.asking.run(key, (ending) => this.ask(key, installation, scope, ending), signal)).token;
  }

  /** The next one is asked for anew. */
  forget(installation: number): void {
    for (const key of this.tokens.keys()) if (key.startsWith(`[${installation},`)) this.tokens.delete(key);
  }

  private async ask(key: string, installation: number, scope: Scope | null, signal: AbortSignal): Promise<InstallationToken> {
    const parameters = {
      installation_id: installation,
      ...(scope === null ? {} : { repository_ids: [scope.repository], permissions: scope.permissions }),
    };
    const call = { route: 'POST /app/installations/{installation_id}/access_tokens', what: 'use this installation of the App', parameters };
    const made = await this.api.ask(InstallationToken, call, signal);
    this.dropExpired();
    this.tokens.set(key, made);
    return made;
  }

  private dropExpired(): void {
    for (const [key, { expires_at: end }] of this.tokens) if (Date.parse(end) <= Date.now()) this.tokens.delete(key);
  }
}

async function readKey({ privateKey, privateKeyFile }: AppConfig): Promise<string> {
  const pem = privateKey ?? (await readKeyFile(privateKeyFile ?? ''));
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType !== 'rsa')
      throw new PluginError('invalid', 'The private key of the GitHub App is no RSA key: generate one on its settings page.');
    return key.export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch (cause) {
    if (isPluginError(cause)) throw cause;
    throw new PluginError('invalid', 'The private key of the GitHub App cannot be read: give the PEM file as GitHub gave it out.');
  }
}

async function readKeyFile(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    throw new PluginError('invalid', `The file ${file} with the private key of the GitHub App cannot be read.`, { cause });
  }
}
