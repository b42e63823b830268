import { createHash, timingSafeEqual } from 'node:crypto';
import type { Pool } from 'pg';
import { z } from 'zod';
import { Role, roleOfScopes, TokenScope } from '#server/api';
import { FOUNDER } from './accounts/founder.ts';
import type { Asker } from './asker.ts';

/** What is told each right that is taken away (`session:ID`, `token:ID`, `account:ID`): what was opened with it is to be closed. */
export type Revoke = (right: string) => void;

/** When something was last used is noted at most this often: it is for people, not for accounting. */
const USE_NOTED_MS = 60_000;

const Owner = z.object({ account: z.number(), owner: z.string(), role: Role.nullable(), mayShell: z.boolean() });
const TokenRow = Owner.extend({
  id: z.number(),
  name: z.string(),
  scopes: z.array(TokenScope),
  projects: z.array(z.number()).nullable(),
  until: z.date().nullable(),
});

const OWNER_COLUMNS = `a.id as account, a.name as owner, a.role, a.may_shell or a.role is not distinct from 'admin' as "mayShell"`;

export interface AuthParts {
  readonly pool: Pool;
  /** The bootstrap token of the environment, always good; null: there is none. */
  readonly adminToken: string | null;
  /** Whether whoever does not say who he is may read. */
  readonly isPublic: boolean;
  /** Told now and then that an account is in use, by its owner or by a token. */
  readonly seen: (account: number) => Promise<void>;
}

/** Who is asking: by a token, by a browser's session, or nobody in particular. Looked up each time, so that what was changed counts at once. */
export class Auth {
  private readonly adminHash: Buffer | null;
  private readonly noted = new Map<string, number>();

  constructor(private readonly parts: AuthParts) {
    this.adminHash = parts.adminToken === null ? null : hashSecret(parts.adminToken);
  }

  /** Whoever does not say who he is; null: he is told to. */
  get anybody(): Asker | null {
    return this.parts.isPublic ? { account: null, name: 'anybody', role: null, right: 'anybody', mayShell: false, limits: null } : null;
  }

  /** Who a bearer token stands for; null if for nobody. */
  async holderOfToken(token: string): Promise<Asker | null> {
    const hash = hashSecret(token);
    if (this.adminHash !== null && timingSafeEqual(hash, this.adminHash)) {
      return { account: FOUNDER.id, name: FOUNDER.name, role: 'admin', right: 'token:admin', mayShell: true, limits: null };
    }
    const row = await this.one(TokenRow, {
      name: 'holder-of-token',
      text: `select t.id, t.name, t.scopes, t.projects, t.expires_at as until, ${OWNER_COLUMNS} from tokens t join accounts a on a.id = t.account_id
         where t.hash = $1 and (t.expires_at is null or t.expires_at > now()) and not a.disabled`,
      values: [hash],
    });
    if (row === null) return null;
    await this.noteUse(tokenRight(row.id), row.account, 'update tokens set last_used_at = now() where id = $1', row.id);
    return {
      account: row.account,
      name: `${row.owner} (${row.name})`,
      role: row.role,
      right: tokenRight(row.id),
      mayShell: row.mayShell && row.scopes.includes('shell'),
      limits: { ceiling: roleOfScopes(row.scopes), projects: row.projects },
      ...(row.until === null ? {} : { until: row.until }),
    };
  }

  /** Who is signed in by a session of an account; null where that may not come in any more. */
  async holderOfSession(account: number, sessionId: string): Promise<Asker | null> {
    const text = `select ${OWNER_COLUMNS} from accounts a where a.id = $1 and not a.disabled`;
    const row = await this.one(Owner, { name: 'holder-of-session', text, values: [account] });
    if (row === null) return null;
    await this.noteUse(accountRight(account), account, 'update accounts set seen_at = now() where id = $1', account);
    return { account, name: row.owner, role: row.role, right: sessionRight(sessionId), mayShell: row.mayShell, limits: null };
  }

  private async one<Row>(schema: z.ZodType<Row>, query: { name: string; text: string; values: unknown[] }): Promise<Row | null> {
    const { rows } = await this.parts.pool.query<Record<string, unknown>>(query);
    return rows[0] === undefined ? null : schema.parse(rows[0]);
  }

  private async noteUse(what: string, account: number, statement: string, id: number): Promise<void> {
    const now = Date.now();
    if (now - (this.noted.get(what) ?? 0) < USE_NOTED_MS) return;
    for (const [other, at] of this.noted) if (now - at >= USE_NOTED_MS) this.noted.delete(other);
    this.noted.set(what, now);
    await this.parts.pool.query(statement, [id]);
    await this.parts.seen(account);
  }
}

/** SHA-256: for what is random enough to need no salt. */
export function hashSecret(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

/** The name of the right that a browser's session gives. */
export function sessionRight(sessionId: string): string {
  return `session:${sessionId}`;
}

/** The name of the right that a token gives. */
export function tokenRight(id: number): string {
  return `token:${id}`;
}

/** The name under which all rights of an account are taken away. */
export function accountRight(id: number): string {
  return `account:${id}`;
}
