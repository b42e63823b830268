import type { Pool } from 'pg';
import type { AccountView, CreateAccount, Invitation, InvitedAccount, UpdateAccount } from '#server/api';
import type { Audit, Deed } from '../../audit/audit.ts';
import { CoreError } from '../../common/errors.ts';
import { codeOf } from '../../database/index.ts';
import type { Asker } from '../asker.ts';
import { accountRight, type Revoke } from '../auth.service.ts';
import type { Sessions } from '../sessions.ts';
import { readAccount, readAccounts } from './account-views.ts';
import { FOUNDER } from './founder.ts';
import type { OneTimeLinks } from './one-time-links.ts';

const UNIQUE_VIOLATION = '23505';

export interface AccountsParts {
  readonly pool: Pool;
  readonly links: OneTimeLinks;
  readonly sessions: Sessions;
  readonly audit: Audit;
  readonly revoke: Revoke;
}

/** Who may sign in. Every method that takes an `Asker` writes down what he did; whether he may is decided before. */
export class Accounts {
  constructor(private readonly parts: AccountsParts) {}

  async list(): Promise<AccountView[]> {
    return await readAccounts(this.parts.pool);
  }

  /** Throws `not-found`. */
  async get(id: number): Promise<AccountView> {
    const account = await readAccount(this.parts.pool, id);
    if (account === null) throw new CoreError('not-found', `There is no account ${id}.`);
    return account;
  }

  /** Makes an account without a password, and a link by which its owner sets one. Throws `conflict` for a name that is taken. */
  async create(asker: Asker, input: CreateAccount): Promise<InvitedAccount> {
    const { name, displayName, role, mayShell } = input;
    const id = await this.insert(name, displayName, role, mayShell);
    await this.note(asker, 'account.add', name, { role, shells: mayShell });
    return { account: await this.get(id), invitation: await this.parts.links.create(id, 'password') };
  }

  /**
   * Changes what is given and nothing else. Whoever is signed in with the account is looked at anew at once; a disabled one is signed out, and its tokens do not work.
   * Throws `not-found`; `conflict` for the account that every installation begins with, which stays an admin.
   */
  async update(asker: Asker, id: number, input: UpdateAccount): Promise<AccountView> {
    const { name, role, isFounder } = await this.get(id);
    if (isFounder && (input.disabled === true || (input.role !== undefined && input.role !== 'admin'))) {
      throw new CoreError('conflict', `${name} is whoever has the server's computer: it stays an admin, and cannot be disabled.`);
    }
    await this.parts.pool.query(
      `update accounts set display_name = coalesce($2, display_name), role = case when $3 then $4 else role end, may_shell = coalesce($5, may_shell),
         disabled = coalesce($6, disabled) where id = $1`,
      [id, input.displayName, input.role !== undefined, input.role ?? null, input.mayShell, input.disabled],
    );
    if (input.disabled === true) await this.parts.sessions.endAll(id, null);
    if (input.role !== undefined || input.mayShell !== undefined || input.disabled !== undefined) {
      this.parts.revoke(accountRight(id));
      await this.note(asker, 'account.change', name, changes(role, input));
    }
    return await this.get(id);
  }

  /** Another link by which its owner sets a password; one that was given out before is void. Throws `not-found`, `conflict` for a disabled one. */
  async invite(asker: Asker, id: number): Promise<Invitation> {
    const { name, disabled } = await this.get(id);
    if (disabled) throw new CoreError('conflict', `${name} is disabled: let it in again first.`);
    const invitation = await this.parts.links.create(id, 'password');
    await this.note(asker, 'account.invite', name, {});
    return invitation;
  }

  /** Throws `not-found`. */
  async rename(id: number, displayName: string): Promise<AccountView> {
    await this.parts.pool.query('update accounts set display_name = $2 where id = $1', [id, displayName]);
    return await this.get(id);
  }

  private async insert(name: string, displayName: string, role: string | null, mayShell: boolean): Promise<number> {
    try {
      const { rows } = await this.parts.pool.query<{ id: number }>(
        'insert into accounts (name, key, display_name, role, may_shell) values ($1, $2, $3, $4, $5) returning id',
        [name, name.toLowerCase(), displayName, role, mayShell],
      );
      return rows[0]?.id ?? FOUNDER.id;
    } catch (cause) {
      if (codeOf(cause) !== UNIQUE_VIOLATION) throw cause;
      throw new CoreError('conflict', `There is already an account ${name} (upper and lower case are one): choose another name.`, { cause });
    }
  }

  private async note(asker: Asker, action: Deed['action'], name: string, details: NonNullable<Deed['details']>): Promise<void> {
    await this.parts.audit.note({ who: asker.name, action, target: `account ${name}`, details });
  }
}

function changes(before: string | null, { role, mayShell, disabled }: UpdateAccount): NonNullable<Deed['details']> {
  return {
    ...(role !== undefined && { role: role ?? 'none', before: before ?? 'none' }),
    ...(mayShell !== undefined && { shells: mayShell }),
    ...(disabled !== undefined && { disabled }),
  };
}
