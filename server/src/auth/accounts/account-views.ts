import type { Pool } from 'pg';
import { z } from 'zod';
import { type AccountView, Role } from '#server/api';
import { FOUNDER } from './founder.ts';

interface AccountRow {
  readonly id: number;
  readonly name: string;
  readonly displayName: string;
  readonly role: string | null;
  readonly mayShell: boolean;
  readonly hasPassword: boolean;
  readonly disabled: boolean;
  readonly identities: { readonly provider: string; readonly login: string }[];
  readonly createdAt: Date;
  readonly seenAt: Date | null;
}

/** An account's columns as its view has them; `a` is the table. */
const COLUMNS = `a.id, a.name, a.display_name as "displayName", a.role, a.may_shell as "mayShell", a.password is not null as "hasPassword", a.disabled,
  coalesce((select json_agg(json_build_object('provider', i.provider, 'login', i.login) order by i.provider) from identities i where i.account_id = a.id), '[]')
    as identities, a.created_at as "createdAt", a.seen_at as "seenAt"`;

/** One account; null if there is none. */
export async function readAccount(pool: Pool, id: number): Promise<AccountView | null> {
  const { rows } = await pool.query<AccountRow>(`select ${COLUMNS} from accounts a where a.id = $1`, [id]);
  return rows[0] === undefined ? null : view(rows[0]);
}

/** All accounts, by name. */
export async function readAccounts(pool: Pool): Promise<AccountView[]> {
  const { rows } = await pool.query<AccountRow>(`select ${COLUMNS} from accounts a order by a.key`);
  return rows.map(view);
}

function view(row: AccountRow): AccountView {
  return {
    ...row,
    role: z.nullable(Role).parse(row.role),
    isFounder: row.id === FOUNDER.id,
    createdAt: row.createdAt.toISOString(),
    seenAt: row.seenAt?.toISOString() ?? null,
  };
}
