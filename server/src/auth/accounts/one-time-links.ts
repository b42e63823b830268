import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import type { Invitation } from '#server/api';
import { CoreError } from '../../common/errors.ts';
import { hashSecret } from '../auth.service.ts';
import { FOUNDER } from './founder.ts';

/** What a link is good for: to sign in, or to set a password. */
export type LinkPurpose = 'sign-in' | 'password';

const HOURS: Readonly<Record<LinkPurpose, number>> = { 'sign-in': 24, password: 7 * 24 };

const VOID: Readonly<Record<LinkPurpose, string>> = {
  'sign-in': 'This login link was used already or is too old. Restart the server for a new one.',
  password: 'This invitation was used already, is too old, or another one took its place. Ask an admin for a new one.',
};

/** Links that are good once. Only hashes of their codes are kept. */
export class OneTimeLinks {
  constructor(private readonly pool: Pool) {}

  /** The code that the server prints at its start: it signs its admin in, within a day. */
  async createLoginCode(): Promise<string> {
    return (await this.create(FOUNDER.id, 'sign-in')).code;
  }

  /** A new code for an account. Of those that set a password only the newest is good. */
  async create(account: number, purpose: LinkPurpose): Promise<Invitation> {
    const code = randomBytes(24).toString('base64url');
    const expiresAt = new Date(Date.now() + HOURS[purpose] * 3_600_000);
    await this.pool.query(
      `with void as (delete from login_codes where expires_at <= now() or ($1 = 'password' and account_id = $2 and purpose = $1))
       insert into login_codes (hash, account_id, purpose, expires_at) values ($3, $2, $1, $4)`,
      [purpose, account, hashSecret(code), expiresAt],
    );
    return { code, expiresAt: expiresAt.toISOString() };
  }

  /** The account that a code is for; the code stays good. Throws `unauthorized` if it was used, is too old or never was. */
  async read(code: string, purpose: LinkPurpose): Promise<number> {
    const { rows } = await this.pool.query<{ id: number }>(
      `select a.id from login_codes c join accounts a on a.id = c.account_id
       where c.hash = $1 and c.purpose = $2 and c.expires_at > now() and not a.disabled`,
      [hashSecret(code), purpose],
    );
    return idOr(rows[0], purpose);
  }

  /** Uses a code up, and gives the account that it is for. Throws as `read`. */
  async redeem(code: string, purpose: LinkPurpose): Promise<number> {
    const { rows } = await this.pool.query<{ id: number }>(
      `delete from login_codes c using accounts a where a.id = c.account_id and c.hash = $1 and c.purpose = $2 and c.expires_at > now() and not a.disabled
       returning a.id`,
      [hashSecret(code), purpose],
    );
    return idOr(rows[0], purpose);
  }
}

function idOr(row: { readonly id: number } | undefined, purpose: LinkPurpose): number {
  if (row === undefined) throw new CoreError('unauthorized', VOID[purpose]);
  return row.id;
}
