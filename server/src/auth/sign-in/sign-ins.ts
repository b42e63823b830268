import type { Audit } from '../../audit/audit.ts';
import type { Accounts } from '../accounts/accounts.ts';
import type { OneTimeLinks } from '../accounts/one-time-links.ts';
import type { PasswordSignIn } from './password-sign-in.ts';

/** The ways in that need nobody else: each gives the account of whoever may come in, and writes that down. */
export class SignIns {
  constructor(
    private readonly links: OneTimeLinks,
    private readonly accounts: Accounts,
    private readonly passwords: PasswordSignIn,
    private readonly audit: Audit,
  ) {}

  /** Throws `unauthorized` for a code that was used, is too old or never was. */
  async byLink(code: string, address: string): Promise<number> {
    const account = await this.links.redeem(code, 'sign-in');
    await this.note(account, 'link', address);
    return account;
  }

  /** Throws `unauthorized`, `rate-limited`. */
  async byPassword({ name, password }: { readonly name: string; readonly password: string }, address: string): Promise<number> {
    return await this.passwords.check(name, password, address);
  }

  /** Sets the password of whoever was invited. Throws `unauthorized` as `byLink`. */
  async byInvitation(code: string, password: string, address: string): Promise<number> {
    const account = await this.links.redeem(code, 'password');
    await this.passwords.setByInvitation(account, password);
    await this.note(account, 'invitation', address);
    return account;
  }

  private async note(account: number, by: string, address: string): Promise<void> {
    const { name } = await this.accounts.get(account);
    await this.audit.note({ who: name, action: 'sign-in', target: `account ${name}`, details: { by, address } });
  }
}
