import type { Audit } from '../audit/audit.ts';
import type { Asker } from '../auth/asker.ts';
import { MAX_HOLD_MINUTES } from '../builds/sql/hold-attempts.ts';
import { CoreError } from '../common/errors.ts';
import type { Database } from '../database/index.ts';
import type { DomainEvents } from '../common/domain-events.ts';
import type { MachinePools } from '../machines/machine-pools.ts';
import type { ShellDoor } from './shell-door.ts';

export interface JobHoldsParts {
  readonly database: Database;
  readonly events: DomainEvents;
  readonly pools: Pick<MachinePools, 'hold' | 'unhold'>;
  readonly door: ShellDoor;
  readonly audit: Audit;
}

/** Keeps the machines of failed jobs for people to look into them. */
export class JobHolds {
  constructor(private readonly parts: JobHoldsParts) {}

  /**
   * Says for how long the machine of a job is held if its running or next attempt fails; null: not at all. For a machine that is held already: from now on, 8 hours
   * after its job's end at most. Throws `forbidden` without the right; `conflict` where there is nothing to be held, or nobody may be let in.
   */
  async hold(asker: Asker, jobId: number, minutes: number | null): Promise<void> {
    await this.checkRight(asker, jobId, 'machine.hold.refused');
    const refusal = minutes === null ? null : await this.parts.door.holdRefusal(jobId);
    if (refusal !== null) throw new CoreError('conflict', refusal);
    const done = (await this.prolong(jobId, minutes)) || (await this.wish(jobId, minutes));
    if (!done) await this.refuseEnded(jobId);
    await this.note(asker, 'machine.hold', jobId, { minutes });
    this.parts.events.emit('jobs', [jobId]);
  }

  /** Lets go of the job's held machines now. Throws `forbidden`; `conflict` where none is held. */
  async release(asker: Asker, jobId: number): Promise<void> {
    await this.checkRight(asker, jobId, 'machine.release.refused');
    const { rows } = await this.parts.database.pool.query<{ machine: string }>(
      'update attempts set held_until = now() where job_id = $1 and finished_at is not null and held_until > now() returning machine_id as machine',
      [jobId],
    );
    if (rows.length === 0) throw new CoreError('conflict', `No machine of job ${jobId} is held.`);
    await this.note(asker, 'machine.release', jobId, {});
    // Where another server has the machine, that one sees it written down within half a minute.
    for (const { machine } of rows) await this.parts.pools.unhold(machine);
    this.parts.events.emit('jobs', [jobId]);
  }

  private async checkRight(asker: Asker, jobId: number, action: 'machine.hold.refused' | 'machine.release.refused'): Promise<void> {
    if (asker.mayShell) return;
    await this.parts.audit.note({ who: asker.name, action, target: `job ${jobId}`, details: { reason: 'without the right to shells' } });
    throw new CoreError(
      'forbidden',
      'Machines are held and let go by whoever may be let into them: that is a right of its own, which an admin gives to accounts.',
    );
  }

  /** For a machine that is held already. */
  private async prolong(jobId: number, minutes: number | null): Promise<boolean> {
    if (minutes === null) return false;
    const { rows } = await this.parts.database.pool.query<{ machine: string; until: Date }>(
      `update attempts set held_until = least(now() + make_interval(mins => $2), finished_at + make_interval(mins => $3))
       where job_id = $1 and finished_at is not null and held_until > now() returning machine_id as machine, held_until as until`,
      [jobId, minutes, MAX_HOLD_MINUTES],
    );
    for (const { machine, until } of rows) this.parts.pools.hold(machine, until);
    return rows.length > 0;
  }

  private async wish(jobId: number, minutes: number | null): Promise<boolean> {
    const { rowCount } = await this.parts.database.pool.query('update jobs set hold_minutes = $2 where id = $1 and finished_at is null', [
      jobId,
      minutes,
    ]);
    return rowCount === 1;
  }

  private async refuseEnded(jobId: number): Promise<never> {
    const { rows } = await this.parts.database.pool.query<{ state: string }>('select state from jobs where id = $1', [jobId]);
    const [row] = rows;
    if (row === undefined) throw new CoreError('not-found', `There is no job ${jobId}.`);
    throw new CoreError('conflict', `Job ${jobId} has ended (${row.state}), and its machine is gone: restart it first, then ask for the hold.`);
  }

  private async note(asker: Asker, action: 'machine.hold' | 'machine.release', jobId: number, details: Record<string, number | null>): Promise<void> {
    await this.parts.audit.note({ who: asker.name, action, target: `job ${jobId}`, details });
  }
}
