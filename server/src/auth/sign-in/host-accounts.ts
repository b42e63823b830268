import type { PoolClient } from 'pg';
import type { Role } from '#server/api';
import type { Audit } from '../../audit/audit.ts';
import { CoreError } from '../../common/errors.ts';
import { accountRight, type Revoke } from '../auth.service.ts';
import { codeOf, type Database, withTransaction } from '../../database/index.ts';

const UNIQUE_VIOLATION = '23505';
const LONGEST_NAME = 39;

/** Somebody as a code host identified him. */
export interface HostUser {
  /** The host: `github`. */
  readonly provider: string;
  /** The host's own number of him. */
  readonly id: string;
  readonly login: string;
  readonly displayName: string;
}

interface Identity {
  readonly account: number;
  readonly name: string;
  readonly linked: boolean;
  readonly disabled: boolean;
}

/** Which accounts users of code hosts are. Only the host's number of a user counts, never his login or an address of his. */
export class HostAccounts {
  constructor(
    private readonly database: Database,
    private readonly audit: Audit,
    private readonly revoke: Revoke,
  ) {}

  /** The account that a user is; null if he is none yet. */
  async find({ provider, id }: HostUser): Promise<Identity | null> {
    const { rows } = await this.database.pool.query<Identity>(
      `select a.id as account, a.name, i.linked, a.disabled from identities i join accounts a on a.id = i.account_id where i.provider = $1 and i.host_id = $2`,
      [provider, id],
    );
    return rows[0] ?? null;
  }

  /** Notes what a user is called now. */
  async renamed({ provider, id, login }: HostUser): Promise<void> {
    await this.database.pool.query('update identities set login = $3 where provider = $1 and host_id = $2 and login <> $3', [provider, id, login]);
  }

  /** An account for a newcomer, named as he is at the host or, where that is taken, with a number behind. Two at once make one. */
  async add(user: HostUser, role: Role | null): Promise<number> {
    try {
      const { id, name } = await withTransaction(this.database, (client) => insert(client, user, role));
      await this.audit.note({ who: name, action: 'account.add', target: `account ${name}`, details: { by: user.provider, login: user.login, role } });
      return id;
    } catch (error) {
      const known = codeOf(error) === UNIQUE_VIOLATION ? await this.find(user) : null;
      if (known === null) throw error;
      return known.account;
    }
  }

  /** Makes a user of a host one and the same with an account, as its owner wishes. Throws `conflict` where one of them is somebody else already. */
  async link(account: number, user: HostUser): Promise<void> {
    const { rows } = await this.database.pool.query<{ name: string }>(
      `with put as (insert into identities (provider, host_id, account_id, login, linked) values ($1, $2, $3, $4, true) on conflict do nothing returning account_id)
       select a.name from put join accounts a on a.id = put.account_id`,
      [user.provider, user.id, account, user.login],
    );
    const [row] = rows;
    if (row === undefined) {
      throw new CoreError('conflict', `${user.login} is linked to an account already, or your account to another user there. Unlink that first.`);
    }
    await this.audit.note({
      who: row.name,
      action: 'identity.link',
      target: `account ${row.name}`,
      details: { by: user.provider, login: user.login },
    });
  }

  /** Takes the link away, and what roles it brought. Throws `not-found`; `conflict` where it is the only way in. */
  async unlink(account: number, provider: string): Promise<void> {
    const { rows } = await this.database.pool.query<{ name: string; login: string | null; isOnlyWay: boolean }>(
      `with gone as (delete from identities i using accounts a where a.id = i.account_id and i.account_id = $1 and i.provider = $2
         and (a.password is not null or exists (select 1 from identities o where o.account_id = a.id and o.provider <> $2)) returning i.login),
       lost as (delete from project_roles r using gone where r.account_id = $1 and r.source = 'host')
       select a.name, (select login from gone) as login, exists (select 1 from identities where account_id = $1 and provider = $2) as "isOnlyWay"
       from accounts a where a.id = $1`,
      [account, provider],
    );
    const [row] = rows;
    if (row === undefined || (row.login === null && !row.isOnlyWay)) throw new CoreError('not-found', `Your account is not linked to ${provider}.`);
    if (row.login === null) throw new CoreError('conflict', 'This is your only way in: set a password first.');
    this.revoke(accountRight(account));
    await this.audit.note({ who: row.name, action: 'identity.unlink', target: `account ${row.name}`, details: { by: provider, login: row.login } });
  }
}

async function insert(client: PoolClient, user: HostUser, role: Role | null): Promise<{ id: number; name: string }> {
  const name = await freeName(client, user.login);
  const { rows } = await client.query<{ id: number }>('insert into accounts (name, key, display_name, role) values ($1, $2, $3, $4) returning id', [
    name,
    name.toLowerCase(),
    user.displayName.slice(0, 100),
    role,
  ]);
  const id = rows[0]?.id ?? 0;
  await client.query('insert into identities (provider, host_id, account_id, login, linked) values ($1, $2, $3, $4, false)', [
    user.provider,
    user.id,
    id,
    user.login,
  ]);
  return { id, name };
}

async function freeName(client: PoolClient, login: string): Promise<string> {
  const base = login.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^[^A-Za-z0-9]+/, '') || 'somebody';
  for (let number = 1; ; number += 1) {
    const end = number === 1 ? '' : `-${number}`;
    const name = base.slice(0, LONGEST_NAME - end.length) + end;
    const { rowCount } = await client.query('select 1 from accounts where key = $1', [name.toLowerCase()]);
    if (rowCount === 0) return name;
  }
}
