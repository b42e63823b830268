import type { Pool } from 'pg';
import type { Audit } from '../../audit/audit.ts';
import { CoreError } from '../../common/errors.ts';
import { hashPassword, isOutdated, isPassword } from '../accounts/passwords.ts';
import type { Sessions } from '../sessions.ts';
import type { Lockout } from './lockout.ts';

interface Known {
  readonly id: number;
  readonly name: string;
  readonly password: string | null;
  readonly disabled: boolean;
}

export interface PasswordSignInParts {
  readonly pool: Pool;
  readonly lockout: Lockout;
  readonly sessions: Sessions;
  readonly audit: Audit;
}

/** The same for a wrong name, a wrong password, an account without one and a disabled one: nobody learns which names there are. */
const REFUSAL = 'This name and this password do not fit together.';

/** Signing in with a name and a password, and setting passwords. */
export class PasswordSignIn {
  constructor(private readonly parts: PasswordSignInParts) {}

  /** The id of the account with this name and password. Throws `unauthorized`, or `rate-limited` after too many failures. */
  async check(name: string, password: string, address: string): Promise<number> {
    const account = await this.verified(name, password, address);
    if (account.password !== null && isOutdated(account.password)) await this.store(account.id, password);
    await this.parts.audit.note({ who: account.name, action: 'sign-in', target: `account ${account.name}`, details: { by: 'password', address } });
    return account.id;
  }

  /**
   * Gives an account another password and ends its sessions but the one `kept`. `current`: needed if there is a password, and counted as a try to sign in.
   * Throws `unauthorized`, `rate-limited`.
   */
  async change(
    id: number,
    current: string | undefined,
    password: string,
    from: { readonly address: string; readonly kept: string | null },
  ): Promise<void> {
    const account = await this.find('id = $1', id);
    if (account === null) throw new CoreError('not-found', `There is no account ${id}.`);
    if (account.password !== null) await this.verified(account.name, current ?? '', from.address);
    await this.set(account, password, from.kept);
  }

  /** Gives an account a password, by an invitation, and ends all its sessions. */
  async setByInvitation(id: number, password: string): Promise<void> {
    const account = await this.find('id = $1', id);
    if (account === null) throw new CoreError('not-found', `There is no account ${id}.`);
    await this.set(account, password, null);
  }

  private async verified(name: string, password: string, address: string): Promise<Known> {
    await this.parts.lockout.admit(name, address);
    const account = await this.find('key = $1', name.toLowerCase());
    const isRight = await isPassword(account?.password ?? null, password);
    if (account === null || !isRight || account.disabled) {
      const target = account === null ? 'an account that is not there' : `account ${account.name}`;
      await this.parts.audit.note({ who: 'somebody', action: 'sign-in.failed', target, details: { address } });
      throw new CoreError('unauthorized', REFUSAL);
    }
    await this.parts.lockout.succeeded(name, address);
    return account;
  }

  private async set({ id, name }: Known, password: string, kept: string | null): Promise<void> {
    await this.store(id, password);
    const ended = await this.parts.sessions.endAll(id, kept);
    await this.parts.audit.note({ who: name, action: 'account.password', target: `account ${name}`, details: { ended } });
  }

  private async store(id: number, password: string): Promise<void> {
    await this.parts.pool.query('update accounts set password = $2 where id = $1', [id, await hashPassword(password)]);
  }

  private async find(condition: 'id = $1' | 'key = $1', value: string | number): Promise<Known | null> {
    const { rows } = await this.parts.pool.query<Known>(`select id, name, password, disabled from accounts where ${condition}`, [value]);
    return rows[0] ?? null;
  }
}
