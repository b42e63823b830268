import type { Audit } from '../audit/audit.ts';
import type { Config } from '../config/index.ts';
import type { Database } from '../database/index.ts';
import { Accounts } from './accounts/accounts.ts';
import { OneTimeLinks } from './accounts/one-time-links.ts';
import { Auth, type Revoke } from './auth.service.ts';
import { People } from './people/people.ts';
import { RequestLimits } from './request-limits.ts';
import { Rights } from './rights.ts';
import { Sessions } from './sessions.ts';
import { Lockout } from './sign-in/lockout.ts';
import { PasswordSignIn } from './sign-in/password-sign-in.ts';
import { SessionViews } from './sign-in/session-views.ts';
import { SignIns } from './sign-in/sign-ins.ts';
import { Tokens } from './tokens.ts';

export interface AuthNeeds {
  readonly config: Pick<Config, 'adminToken' | 'access'>;
  readonly database: Database;
  readonly audit: Audit;
  readonly revoke: Revoke;
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
}

/** Puts the parts of this room together. */
export function assembleAuth({ config, database, audit, revoke }: AuthNeeds): AuthParts {
  const { pool } = database;
  const { anonymous, requestsPerMinute, maxTokenDays } = config.access;
  const isPublic = anonymous === 'read';
  const rights = new Rights(pool, isPublic);
  const sessions = new Sessions(pool, revoke);
  const links = new OneTimeLinks(pool);
  const accounts = new Accounts({ pool, links, sessions, audit, revoke });
  const passwords = new PasswordSignIn({ pool, lockout: new Lockout(pool), sessions, audit });
  return {
    auth: new Auth({ pool, adminToken: config.adminToken, isPublic }),
    rights,
    limits: new RequestLimits(requestsPerMinute),
    sessions,
    tokens: new Tokens({ pool, rights, audit, revoke, maxDays: maxTokenDays }),
    accounts,
    links,
    passwords,
    signIns: new SignIns(links, accounts, passwords, audit),
    sessionViews: new SessionViews(pool, { isPublic, hosts: [] }),
    people: new People(pool, audit, revoke),
  };
}
