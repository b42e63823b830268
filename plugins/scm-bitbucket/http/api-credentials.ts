import { readFile } from 'node:fs/promises';
import { PluginError, type Repository } from '#plugins/api';
import type { BitbucketConfig } from '../config.ts';

/** What a request is authorized by. */
export interface Authorization {
  /** The header; null: none. */
  readonly header: string | null;
  /** What must not appear in errors. */
  readonly secrets: readonly string[];
}

/** Bitbucket's user name for git where the password is an access token: for its API that is a bearer token. */
const TOKEN_USER = 'x-token-auth';

/** The credentials for the API: the instance's own, else those of the project that is asked for. */
export class ApiCredentials {
  private readonly config: BitbucketConfig;

  constructor(config: BitbucketConfig) {
    this.config = config;
  }

  /** Whether the instance has credentials of its own. */
  get given(): boolean {
    const { appPassword, appPasswordFile, token, tokenFile } = this.config;
    return [appPassword, appPasswordFile, token, tokenFile].some((each) => each !== null);
  }

  /** Throws `unauthorized` where a file cannot be read, `invalid` where a secret is none. */
  async for(repository: Repository | null): Promise<Authorization> {
    const { username, appPassword, appPasswordFile, token, tokenFile } = this.config;
    const bearerToken = token ?? (tokenFile === null ? null : await secretIn(tokenFile));
    if (bearerToken !== null) return bearer(bearerToken);
    const password = appPassword ?? (appPasswordFile === null ? null : await secretIn(appPasswordFile));
    if (username !== null && password !== null) return basic(username, password);
    const own = repository?.credentials ?? null;
    if (own?.kind !== 'password') return { header: null, secrets: [] };
    return own.user === TOKEN_USER ? bearer(own.password) : basic(own.user, own.password);
  }
}

async function secretIn(file: string): Promise<string> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw new PluginError('unauthorized', `The file ${file} with Bitbucket's token or password cannot be read: check its path and its owner.`, {
      cause,
    });
  });
  const secret = text.trim();
  if (secret === '') throw new PluginError('unauthorized', `The file ${file} with Bitbucket's token or password is empty.`);
  return secret;
}

function bearer(token: string): Authorization {
  // Anything else would end in an error that repeats it.
  if (!/^[\u0021-\u007e]+$/.test(token)) throw new PluginError('invalid', 'The token for Bitbucket holds blanks or characters that no token has.');
  return { header: `Bearer ${token}`, secrets: [token] };
}

function basic(user: string, password: string): Authorization {
  const pair = `${user}:${password}`;
  return { header: `Basic ${Buffer.from(pair).toString('base64')}`, secrets: [password, pair] };
}
