import type { Pool } from 'pg';
import type { Logger } from '#plugins/api';
import type { AuditEntry } from '#server/api';

/** What somebody did, or wanted to do and might not. */
export interface Deed {
  /** The account's name, that of a token behind it. */
  readonly who: string;
  readonly action:
    | 'sign-in'
    | 'sign-in.failed'
    | 'account.add'
    | 'account.change'
    | 'account.invite'
    | 'account.password'
    | 'identity.link'
    | 'identity.unlink'
    | 'role.give'
    | 'role.take'
    | 'token.make'
    | 'token.remove'
    | 'shell.open'
    | 'shell.end'
    | 'shell.refused'
    | 'machine.hold'
    | 'machine.release'
    | 'machine.hold.refused'
    | 'machine.release.refused'
    | 'change.approve'
    | 'change.refuse'
    | 'contributor.trust'
    | 'contributor.distrust'
    | 'hook.set'
    | 'delivery.replay'
    | 'secrets.rotate'
    | 'license.set'
    | 'license.remove'
    | 'license.release'
    | 'license.key.set'
    | 'license.key.remove'
    | 'license.reserve'
    | 'license.unreserve'
    | 'license.withdraw'
    | 'license.freed'
    | 'license.reclaim'
    | 'bundle.upload'
    | 'bundle.change'
    | 'bundle.remove'
    | 'project.groups'
    | 'project.move'
    | 'fork.set'
    | 'fork.remove';
  /** `job 12`. */
  readonly target: string;
  readonly details?: Readonly<Record<string, string | number | boolean | null>>;
}

/** Who did what to whom, kept for ever. */
export class Audit {
  constructor(
    private readonly pool: Pool,
    private readonly logger: Logger,
  ) {}

  /** Writes it down, here and in the server's log. What must not happen unseen waits for this: it throws if nothing can be written. */
  async note({ who, action, target, details = {} }: Deed): Promise<void> {
    this.logger.info(action, { who, target, ...details });
    await this.pool.query('insert into audit (who, action, target, details) values ($1, $2, $3, $4)', [who, action, target, JSON.stringify(details)]);
  }

  /** The newest entries, of those before the entry `before` if it is not null. */
  async list(limit: number, before: number | null): Promise<AuditEntry[]> {
    const { rows } = await this.pool.query<Omit<AuditEntry, 'at'> & { at: Date }>(
      'select id, at, who, action, target, details from audit where $2::int is null or id < $2 order by id desc limit $1',
      [limit, before],
    );
    return rows.map((row) => ({ ...row, at: row.at.toISOString() }));
  }
}
