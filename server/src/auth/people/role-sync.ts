import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { HostPermission, Logger, People as HostPeople, Repository } from '#plugins/api';
import type { ProjectRole } from '#server/api';
import { accountRight, type Revoke } from '../auth.service.ts';
import { replaceHostRoles } from './sql/replace-host-roles.ts';

/** What a code host's permission on a repository is on its project; absent: nothing. */
const ROLE_OF: Readonly<Record<HostPermission, ProjectRole | null>> = { admin: 'maintainer', write: 'developer', read: 'viewer', none: null };

/** How long somebody who signs in waits for his roles; what takes longer goes on behind him. */
const PATIENCE_MS = 5000;
const ASK_MS = 30_000;
const AT_ONCE = 4;

/** Users of which code host get roles on the projects of which of its instances. */
export interface SyncRule {
  /** As in `identities`: `github`. */
  readonly provider: string;
  /** The instance of the scm plugin. */
  readonly scm: string;
}

export interface RoleSyncParts {
  readonly pool: Pool;
  readonly rules: readonly SyncRule[];
  /** A project's repository, and who people are at its host. */
  readonly open: (projectId: number) => Promise<{ readonly scm: { readonly people?: HostPeople }; readonly repository: Repository }>;
  readonly revoke: Revoke;
  readonly logger: Logger;
}

/** Gives accounts the roles on projects that their code hosts' permissions stand for: read at each sign-in, and while they are in use at most hourly. */
export class RoleSync {
  constructor(private readonly parts: RoleSyncParts) {}

  /** Somebody has signed in: reads his roles, and waits a little for that. Never throws. */
  async begin(account: number): Promise<void> {
    if (this.parts.rules.length === 0) return;
    await this.parts.pool.query('update accounts set roles_read_at = now() where id = $1', [account]);
    const waiting = new AbortController();
    await Promise.race([this.try(account), pause(PATIENCE_MS, undefined, { signal: waiting.signal }).catch(() => undefined)]);
    waiting.abort();
  }

  /** An account is in use: if its roles were read more than an hour ago, they are read again. Of several servers one does. Never throws. */
  async seen(account: number): Promise<void> {
    if (this.parts.rules.length === 0) return;
    const { rowCount } = await this.parts.pool.query(
      `update accounts set roles_read_at = now() where id = $1 and coalesce(roles_read_at, '-infinity') < now() - interval '1 hour'
         and exists (select 1 from identities where account_id = $1)`,
      [account],
    );
    if (rowCount === 1) void this.try(account);
  }

  /** At the start: what code hosts said counts only while they are asked. */
  async forgetUnasked(): Promise<void> {
    const scms = this.parts.rules.map(({ scm }) => scm);
    await this.parts.pool.query(
      `delete from project_roles r using projects p where p.id = r.project_id and r.source = 'host' and p.scm <> all($1::text[])`,
      [scms],
    );
  }

  /** A project is read from another repository: who is who on the old one says nothing of it. Those who are in use are asked for again. */
  async forgetProject(projectId: number): Promise<void> {
    const { rows } = await this.parts.pool.query<{ account: number }>(
      `with gone as (delete from project_roles where project_id = $1 and source = 'host' returning account_id)
       update accounts set roles_read_at = null where id in (select account_id from gone) returning id as account`,
      [projectId],
    );
    for (const { account } of rows) this.parts.revoke(accountRight(account));
  }

  private async try(account: number): Promise<void> {
    try {
      for (const rule of this.parts.rules) await this.read(account, rule);
    } catch (error) {
      this.parts.logger.warn('the roles of an account could not be read from its code host; those from before stay', { account, error });
    }
  }

  private async read(account: number, rule: SyncRule): Promise<void> {
    const { pool, revoke } = this.parts;
    const found = await pool.query<{ id: string; login: string }>(
      'select host_id as id, login from identities where account_id = $1 and provider = $2',
      [account, rule.provider],
    );
    const who = found.rows[0];
    const projects = await pool.query<{ id: number }>('select id from projects where scm = $1 order by id', [rule.scm]);
    const roles = new Map<number, ProjectRole | null>();
    const left = projects.rows.map(({ id }) => id);
    const worker = async (): Promise<void> => {
      for (let id = left.shift(); id !== undefined; id = left.shift()) {
        const role = who === undefined ? null : await this.ask(id, { id: who.id, name: who.login });
        if (role !== undefined) roles.set(id, role);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
    if (await replaceHostRoles(pool, account, roles)) revoke(accountRight(account));
  }

  /** Undefined where the host cannot say now: then what it said before stays. */
  private async ask(projectId: number, who: { readonly id: string; readonly name: string }): Promise<ProjectRole | null | undefined> {
    try {
      const { scm, repository } = await this.parts.open(projectId);
      if (scm.people === undefined) return null;
      return ROLE_OF[await scm.people.permission(repository, who, AbortSignal.timeout(ASK_MS))];
    } catch (error) {
      this.parts.logger.warn('a code host could not be asked for a permission', { project: projectId, login: who.name, error });
      return undefined;
    }
  }
}
