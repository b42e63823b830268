import type { AccountView, Invitation } from '#server/api';

/** Accounts as a table: name, role, whether they may open shells, how they sign in, when they were last seen. */
export function accountTable(accounts: readonly AccountView[]): string {
  const head = ['NAME', 'ROLE', 'SHELLS', 'SIGNS IN BY', 'LAST SEEN'];
  const rows = accounts.map((account) => [
    account.name,
    roleOf(account),
    account.mayShell ? 'yes' : '',
    waysIn(account),
    account.seenAt?.slice(0, 10) ?? 'never',
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column]?.length ?? 0)));
  return [head, ...rows]
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

/** What to do with an invitation. */
export function invitationText(url: string, name: string, { code, expiresAt }: Invitation): string {
  return `Give this link to ${name}: it sets the password once, until ${expiresAt}.\n${url}/invitation?code=${code}\n`;
}

function roleOf({ role, disabled }: AccountView): string {
  return disabled ? `${role ?? 'none'} (disabled)` : (role ?? 'none');
}

function waysIn({ hasPassword, identities }: AccountView): string {
  const ways = [...(hasPassword ? ['password'] : []), ...identities.map(({ provider, login }) => `${provider}:${login}`)];
  return ways.join(', ') || 'nothing yet';
}
