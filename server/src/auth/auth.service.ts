import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { type Repository as Rows, MoreThan } from 'typeorm';
import type { CreateToken, TokenView } from '#server/api';
import { CoreError } from '../common/errors.ts';
import type { Database } from '../database/index.ts';
import type { Asker } from './asker.ts';
import { LoginCodeEntity, TokenEntity } from './auth.entity.ts';

/** Who is asking. */
export interface User {
  readonly name: string;
  readonly role: 'admin' | 'viewer';
}

const ADMIN: User = { name: 'admin', role: 'admin' };
const CODE_HOURS = 24;
/** A token's last use is noted at most this often: it is for people, not for accounting. */
const USE_NOTED_MS = 60_000;

/** API tokens and one-time login codes. */
export class Auth {
  private readonly tokens: Rows<TokenEntity>;
  private readonly codes: Rows<LoginCodeEntity>;
  private readonly adminHash: Buffer | null;
  private readonly noted = new Map<number, number>();

  /** `adminToken`: the bootstrap token of the environment, always good. `revoked` is told each right that is taken away: what was opened with it is to be closed. */
  constructor(
    private readonly database: Database,
    adminToken: string | null,
    private readonly revoked: (right: string) => void,
  ) {
    this.tokens = database.dataSource.getRepository(TokenEntity);
    this.codes = database.dataSource.getRepository(LoginCodeEntity);
    this.adminHash = adminToken === null ? null : hash(adminToken);
  }

  /** Who a bearer token stands for; null if for nobody. */
  async holderOfToken(token: string): Promise<Asker | null> {
    const hashed = hash(token);
    if (this.adminHash !== null && timingSafeEqual(hashed, this.adminHash)) return { ...ADMIN, right: 'token:admin', mayShell: true };
    const row = await this.tokens.findOneBy({ hash: hashed });
    if (row === null || (row.expiresAt !== null && row.expiresAt.getTime() <= Date.now())) return null;
    await this.noteUse(row.id);
    return { name: row.name, role: 'admin', right: tokenRight(row.id), mayShell: row.mayShell };
  }

  async listTokens(): Promise<TokenView[]> {
    return (await this.tokens.find({ order: { id: 'ASC' } })).map(tokenView);
  }

  /** Makes a token. It is returned once and cannot be had again. */
  async createToken(input: CreateToken): Promise<{ token: string; view: TokenView }> {
    const token = `trr_${randomBytes(30).toString('base64url')}`;
    const expiresAt = input.expiresInDays === null ? null : new Date(Date.now() + input.expiresInDays * 86_400_000);
    const row = this.tokens.create({ name: input.name, mayShell: input.mayShell, prefix: token.slice(0, 8), hash: hash(token), expiresAt });
    return { token, view: tokenView(await this.tokens.save(row)) };
  }

  /** Throws `not-found`. */
  async removeToken(id: number): Promise<void> {
    const { affected } = await this.tokens.delete({ id });
    if (affected !== 1) throw new CoreError('not-found', `There is no token ${id}.`);
    this.revoked(tokenRight(id));
  }

  /** Says that somebody signed out: what was opened with that session is closed. */
  signedOut(sessionId: string): void {
    this.revoked(sessionRight(sessionId));
  }

  /** A code that signs an admin in once, within a day. */
  async createLoginCode(): Promise<string> {
    const code = randomBytes(24).toString('base64url');
    await this.codes.insert({ hash: hash(code), expiresAt: new Date(Date.now() + CODE_HOURS * 3_600_000) });
    return code;
  }

  /** Uses a login code up. Throws `unauthorized` if it was used, is too old or never was. */
  async redeem(code: string): Promise<User> {
    const { affected } = await this.codes.delete({ hash: hash(code), expiresAt: MoreThan(new Date()) });
    if (affected === 1) return ADMIN;
    throw new CoreError('unauthorized', 'This login link was used already or is too old. Restart the server for a new one.');
  }

  private async noteUse(id: number): Promise<void> {
    const last = this.noted.get(id) ?? 0;
    if (Date.now() - last < USE_NOTED_MS) return;
    this.noted.set(id, Date.now());
    await this.database.pool.query('update tokens set last_used_at = now() where id = $1', [id]);
  }
}

/** Who is signed in in a browser: an admin there may all that an admin may. */
export function signedIn({ name, role }: User, sessionId: string): Asker {
  return { name, role, right: sessionRight(sessionId), mayShell: role === 'admin' };
}

/** The name of the right that a browser's session gives. */
function sessionRight(sessionId: string): string {
  return `session:${sessionId}`;
}

function tokenRight(id: number): string {
  return `token:${id}`;
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function tokenView(row: TokenEntity): TokenView {
  return {
    id: row.id,
    name: row.name,
    prefix: row.prefix,
    mayShell: row.mayShell,
    createdAt: row.createdAt.toISOString(),
    lastUsedAt: row.lastUsedAt?.toISOString() ?? null,
    expiresAt: row.expiresAt?.toISOString() ?? null,
  };
}
