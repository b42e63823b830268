import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import { z } from 'zod';
import { type CreateToken, isAtLeast, roleOfScopes, TokenScope, type TokenView } from '#server/api';
import type { Audit } from '../audit/audit.ts';
import { CoreError } from '../common/errors.ts';
import { accountOf, type Asker } from './asker.ts';
import { hashSecret, type Revoke, tokenRight } from './auth.service.ts';
import type { Rights } from './rights.ts';

const DAY_MS = 86_400_000;
const USUAL_DAYS = 90;
/** How many an account may have: a script that makes one at each run is to be noticed. */
const MOST_TOKENS = 100;

type TokenRow = Omit<TokenView, 'scopes' | 'createdAt' | 'lastUsedAt' | 'expiresAt'> & {
  readonly scopes: string[];
  readonly createdAt: Date;
  readonly lastUsedAt: Date | null;
  readonly expiresAt: Date | null;
};

const COLUMNS = `t.id, t.name, t.prefix, a.name as owner, t.scopes, t.projects, t.created_at as "createdAt", t.last_used_at as "lastUsedAt",
  t.expires_at as "expiresAt"`;

export interface TokensParts {
  readonly pool: Pool;
  readonly rights: Rights;
  readonly audit: Audit;
  readonly revoke: Revoke;
  /** How long a token may be valid at most, in days. */
  readonly maxDays: number;
}

/** API tokens. Each belongs to an account, and may never more than that. */
export class Tokens {
  constructor(private readonly parts: TokensParts) {}

  /** How long a token may be valid at most, in days. */
  get maxDays(): number {
    return this.parts.maxDays;
  }

  /** The tokens of an account, or of all. */
  async list(account: number | null): Promise<TokenView[]> {
    const { rows } = await this.parts.pool.query<TokenRow>(
      `select ${COLUMNS} from tokens t join accounts a on a.id = t.account_id where $1::int is null or t.account_id = $1 order by t.id`,
      [account],
    );
    return rows.map(view);
  }

  /**
   * Makes a token for whoever asks. It is returned once and cannot be had again. Throws `forbidden` where it would be more than its maker may (more scopes, other
   * projects), `invalid` where it would be valid for too long.
   */
  async create(asker: Asker, input: CreateToken): Promise<{ token: string; view: TokenView }> {
    await this.checkRights(asker, input);
    const days = this.days(input.expiresInDays);
    const account = accountOf(asker);
    await this.checkRoom(account);
    const token = `trr_${randomBytes(30).toString('base64url')}`;
    const scopes = TokenScope.options.filter((scope) => input.scopes.includes(scope));
    const { rows } = await this.parts.pool.query<TokenRow>(
      `with t as (insert into tokens (account_id, name, prefix, hash, scopes, projects, expires_at) values ($1, $2, $3, $4, $5, $6, $7) returning *)
       select ${COLUMNS} from t join accounts a on a.id = t.account_id`,
      [account, input.name, token.slice(0, 8), hashSecret(token), scopes, input.projects, new Date(Date.now() + days * DAY_MS)],
    );
    const [row] = rows;
    if (row === undefined) throw new Error('a token that was inserted is not there');
    await this.note(asker, 'token.make', row);
    return { token, view: view(row) };
  }

  /** Takes a token back. `owner` null: whoever's it is. Throws `not-found`. */
  async remove(asker: Asker, id: number, owner: number | null): Promise<void> {
    const { rows } = await this.parts.pool.query<TokenRow>(
      `with t as (delete from tokens where id = $1 and ($2::int is null or account_id = $2) returning *)
       select ${COLUMNS} from t join accounts a on a.id = t.account_id`,
      [id, owner],
    );
    const [row] = rows;
    if (row === undefined) throw new CoreError('not-found', `There is no token ${id}.`);
    this.parts.revoke(tokenRight(id));
    await this.note(asker, 'token.remove', row);
  }

  private async checkRights(asker: Asker, { scopes, projects }: CreateToken): Promise<void> {
    if (scopes.includes('shell') && !asker.mayShell) {
      throw new CoreError('forbidden', 'Only who may be let into machines can give that right to a token.');
    }
    if (asker.limits !== null && !isAtLeast(asker.limits.ceiling, roleOfScopes(scopes))) {
      throw new CoreError('forbidden', 'A token cannot make one that may more than itself.');
    }
    const roleOn = await this.parts.rights.rolesOf(asker);
    const hidden = (projects ?? []).find((id) => roleOn(id) === null);
    if (hidden !== undefined) throw new CoreError('not-found', `There is no project ${hidden}.`);
  }

  private days(asked: number | undefined): number {
    const { maxDays } = this.parts;
    if (asked === undefined) return Math.min(USUAL_DAYS, maxDays);
    if (asked > maxDays) throw new CoreError('invalid', `A token is valid for ${maxDays} days at most here, not for ${asked}.`);
    return asked;
  }

  private async checkRoom(account: number): Promise<void> {
    const { rows } = await this.parts.pool.query<{ count: number }>('select count(*)::int as count from tokens where account_id = $1', [account]);
    if ((rows[0]?.count ?? 0) < MOST_TOKENS) return;
    throw new CoreError('conflict', `This account has ${MOST_TOKENS} tokens, which is as many as one may have: take some back first.`);
  }

  private async note(asker: Asker, action: 'token.make' | 'token.remove', row: TokenRow): Promise<void> {
    const details = { token: row.name, scopes: row.scopes.join(' '), projects: row.projects?.join(' ') ?? null };
    await this.parts.audit.note({ who: asker.name, action, target: `account ${row.owner}`, details });
  }
}

function view(row: TokenRow): TokenView {
  return {
    ...row,
    scopes: z.array(TokenScope).parse(row.scopes),
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}
