import type { Request } from 'express';
import type { Logger } from '#plugins/api';
import type { Audit } from '../../audit/audit.ts';
import { CoreError } from '../../common/errors.ts';
import type { GithubSignInConfig } from '../../config/index.ts';
import type { HostAccounts, HostUser } from './host-accounts.ts';
import { isMemberOfAny } from './github-members.ts';
import { type GithubApp, githubStep, type GithubUser } from './github-strategy.ts';

export const GITHUB = 'github';
/** Where GitHub sends people back to. */
export const GITHUB_CALLBACK = '/api/session/github/callback';

export interface GithubSignInParts {
  readonly config: GithubSignInConfig;
  /** By which people reach the server; null: as the browser says. */
  readonly publicUrl: string | null;
  readonly accounts: HostAccounts;
  readonly audit: Audit;
  readonly logger: Logger;
}

/** Signing in with GitHub: who may come in, and as which account. */
export class GithubSignIn {
  private readonly app: GithubApp;

  constructor(private readonly parts: GithubSignInParts) {
    const { clientId, clientSecret, webUrl, apiUrl, allow } = parts.config;
    const scopes = allow.organisations.length > 0 ? ['read:org'] : [];
    this.app = { clientId, clientSecret, webUrl, apiUrl, scopes, callbackUrl: `${parts.publicUrl ?? ''}${GITHUB_CALLBACK}` };
  }

  /** Begins: gives the address at GitHub to go to. The browser's session remembers it. */
  async begin(request: Request): Promise<string> {
    const outcome = await githubStep(this.app, request);
    if (outcome.kind === 'go') return outcome.url;
    throw new Error('signing in with GitHub did not begin', { cause: outcome.kind === 'failed' ? outcome.cause : undefined });
  }

  /** Ends: whom GitHub says it is. Throws `unauthorized` where he did not agree, or it did not begin in this browser, or was ended before. */
  async end(request: Request): Promise<GithubUser> {
    const outcome = await githubStep(this.app, request);
    if (outcome.kind === 'user') return outcome.user;
    if (outcome.kind === 'refused' || outcome.kind === 'go') {
      throw new CoreError('unauthorized', 'You did not agree at GitHub, or this did not begin in this browser, or it was used already. Begin again.');
    }
    this.parts.logger.warn('somebody could not sign in with GitHub', { error: outcome.cause });
    throw new CoreError('unauthorized', 'GitHub did not confirm who you are. Begin again; if it stays so, the log of the server says more.');
  }

  /** The account of a user, made if he is new and may come in. Throws `unauthorized` where he may not. */
  async enter(user: GithubUser, address: string): Promise<number> {
    const known = hostUser(user);
    const identity = await this.parts.accounts.find(known);
    if (identity?.disabled === true) throw await this.refused(user, address, 'Your account here is disabled; ask an admin of this server.');
    if (identity?.linked !== true && !(await this.isAllowed(user))) {
      const sentence = `${user.login} is not among those whom this server lets in. An admin can allow it, or make you an account.`;
      throw await this.refused(user, address, sentence);
    }
    const account = identity?.account ?? (await this.parts.accounts.add(known, this.parts.config.role));
    await this.parts.accounts.renamed(known);
    const name = identity?.name ?? user.login;
    await this.parts.audit.note({ who: name, action: 'sign-in', target: `account ${name}`, details: { by: GITHUB, login: user.login, address } });
    return account;
  }

  /** Links a user to an account, as its owner wishes. Throws `conflict`. */
  async link(account: number, user: GithubUser): Promise<void> {
    await this.parts.accounts.link(account, hostUser(user));
  }

  private async isAllowed(user: GithubUser): Promise<boolean> {
    const { allow, apiUrl } = this.parts.config;
    const isListed = allow.users.some((one) => (typeof one === 'number' ? String(one) === user.id : one.toLowerCase() === user.login.toLowerCase()));
    return isListed || (await isMemberOfAny(apiUrl, user, allow.organisations));
  }

  private async refused(user: GithubUser, address: string, sentence: string): Promise<CoreError> {
    const details = { by: GITHUB, login: user.login, address };
    await this.parts.audit.note({ who: 'somebody', action: 'sign-in.failed', target: 'an account', details });
    return new CoreError('unauthorized', sentence);
  }
}

function hostUser({ id, login, displayName }: GithubUser): HostUser {
  return { provider: GITHUB, id, login, displayName };
}
