import type { Logger } from '#plugins/api';
import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config/index.ts';
import type { Database } from '../database/index.ts';
import { Accounts } from './accounts/accounts.ts';
import { OneTimeLinks } from './accounts/one-time-links.ts';
import { Auth, type Revoke } from './auth.service.ts';
import { People } from './people/people.ts';
import { RoleSync, type RoleSyncParts, type SyncRule } from './people/role-sync.ts';
import { RequestLimits } from './request-limits.ts';
import { Rights } from './rights.ts';
import { Sessions } from './sessions.ts';
import { GITHUB, GithubSignIn } from './sign-in/github-sign-in.ts';
import { HostAccounts } from './sign-in/host-accounts.ts';
import { Lockout } from './sign-in/lockout.ts';
import { PasswordSignIn } from './sign-in/password-sign-in.ts';
import { SessionViews } from './sign-in/session-views.ts';
import { SignIns } from './sign-in/sign-ins.ts';
import { Tokens } from './tokens.ts';

export interface AuthNeeds {
  readonly config: Pick<Config, 'adminToken' | 'access' | 'publicUrl' | 'signIn'>;
  readonly database: Database;
  readonly audit: Audit;
  readonly revoke: Revoke;
  /** A project's repository and its code host: `Sources`. */
  readonly sources: { readonly open: RoleSyncParts['open'] };
  readonly logger: Logger;
}

/** Everything about who somebody is and what he may. */
export interface AuthParts {
  readonly auth: Auth;
  readonly rights: Rights;
  readonly limits: RequestLimits;
  readonly sessions: Sessions;
  readonly tokens: Tokens;
  readonly accounts: Accounts;
  readonly links: OneTimeLinks;
  readonly passwords: PasswordSignIn;
  readonly signIns: SignIns;
  readonly sessionViews: SessionViews;
  readonly people: People;
  readonly hosts: HostAccounts;
  readonly roleSync: RoleSync;
  /** Null: it is not configured. */
  readonly github: GithubSignIn | null;
}

/** Puts the parts of this room together. */
export function assembleAuth({ config, database, audit, revoke, sources, logger }: AuthNeeds): AuthParts {
  const { pool } = database;
  const { anonymous, requestsPerMinute, maxTokenDays } = config.access;
  const isPublic = anonymous === 'read';
  const rights = new Rights(pool, isPublic);
  const sessions = new Sessions(pool, revoke);
  const links = new OneTimeLinks(pool);
  const accounts = new Accounts({ pool, links, sessions, audit, revoke });
  const hosts = new HostAccounts(database, audit, revoke);
  const roleSync = new RoleSync({ pool, rules: rulesOf(config), open: (id) => sources.open(id), revoke, logger });
  const { github } = config.signIn;
  const passwords = new PasswordSignIn({ pool, lockout: new Lockout(pool), sessions, audit });
  return {
    auth: new Auth({ pool, adminToken: config.adminToken, isPublic, seen: (account) => roleSync.seen(account) }),
    rights,
    limits: new RequestLimits(requestsPerMinute),
    sessions,
    tokens: new Tokens({ pool, rights, audit, revoke, maxDays: maxTokenDays }),
    accounts,
    links,
    passwords,
    signIns: new SignIns(links, accounts, passwords, audit),
    sessionViews: new SessionViews(pool, { isPublic, hosts: github === null ? [] : [GITHUB] }),
    people: new People(pool, audit, revoke),
    hosts,
    roleSync,
    github: github === null ? null : new GithubSignIn({ config: github, publicUrl: config.publicUrl, accounts: hosts, audit, logger }),
  };
}

function rulesOf({ signIn: { github } }: Pick<Config, 'signIn'>): SyncRule[] {
  return github?.syncRoles === true ? [{ provider: GITHUB, scm: github.scm }] : [];
}
