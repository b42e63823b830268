import type { Pool } from 'pg';
import type { RunnerDriver } from '#plugins/api';
import { type JobState, isVerdict } from '#server/api';
import { CoreError } from '../common/errors.ts';
import type { MachinePools } from '../machines/machine-pools.ts';

/** A machine that somebody may be let into. */
export interface OpenDoor {
  readonly jobId: number;
  readonly attempt: number;
  readonly machineId: string;
  readonly driver: RunnerDriver;
}

/** How a job stands, as far as it decides whether somebody may be let into its machine. The machine is that of its newest attempt that has one. */
interface Standing {
  readonly state: JobState;
  readonly guarded: boolean;
  /** Whether it was given a licence key or a bundle. */
  readonly licensed: boolean;
  /** Whether it needs licensed seats. */
  readonly seats: boolean;
  readonly attempt: number | null;
  readonly machineId: string | null;
  readonly machineOwner: string | null;
}

/** Decides whether there is a way into a job's machine. Who may go it is not decided here. */
export class ShellDoor {
  /** `owner`: what this process owns machines as. */
  constructor(
    private readonly pool: Pool,
    private readonly pools: Pick<MachinePools, 'find'>,
    private readonly owner: string,
  ) {}

  /** The way into a job's machine, or a sentence that says why there is none. Throws `not-found` for a job that is not there. */
  async of(jobId: number): Promise<OpenDoor | string> {
    const standing = await this.standing(jobId);
    const { attempt, machineId, machineOwner } = standing;
    if (standing.guarded) return GUARDED;
    if (standing.licensed) return LICENSED;
    if (attempt === null || machineId === null || machineOwner === null) return withoutMachine(jobId, standing.state);
    if (machineOwner !== this.owner) return 'Another server with this database runs this job: open the shell there.';
    const machine = this.pools.find(machineId);
    if (machine === null) return withoutMachine(jobId, standing.state);
    if (machine.driver.shells === false) return 'Machines of this runner cannot be entered.';
    return { jobId, attempt, machineId, driver: machine.driver };
  }

  /** Why nobody may be let into a job's machine now, as a sentence; null if who has the right may. */
  async refusal(jobId: number): Promise<string | null> {
    const door = await this.of(jobId);
    return typeof door === 'string' ? door : null;
  }

  /** Why no machine of a job may be held for a person, as a sentence; null if one may. */
  async holdRefusal(jobId: number): Promise<string | null> {
    const { guarded, seats } = await this.standing(jobId);
    if (guarded) return GUARDED;
    return seats ? SEATED : null;
  }

  private async standing(jobId: number): Promise<Standing> {
    const { rows } = await this.pool.query<Standing>({
      name: 'shell-standing',
      text: `select j.state, not p.shell_with_secrets and b.trust in ('trusted', 'approved')
           and exists (select 1 from project_secrets s where s.project_id = p.id) as guarded,
           exists (select 1 from license_leases l where l.attempt_id = a.id and l.key_id is not null)
             or exists (select 1 from bundle_uses u where u.attempt_id = a.id) as licensed,
           jsonb_array_length(coalesce(j.spec->'licenses', '[]')) + jsonb_array_length(coalesce(j.spec->'bundles', '[]')) > 0
             or exists (select 1 from license_leases l where l.attempt_id = a.id) as seats,
           a.number as attempt, a.machine_id as "machineId", m.owner as "machineOwner"
         from jobs j join builds b on b.id = j.build_id join projects p on p.id = j.project_id
         left join lateral (select id, number, machine_id from attempts where job_id = j.id and (finished_at is null or held_until > now())
           order by number desc limit 1) a on true
         left join machines m on m.id = a.machine_id and m.state = 'assigned'
         where j.id = $1`,
      values: [jobId],
    });
    const [row] = rows;
    if (row === undefined) throw new CoreError('not-found', `There is no job ${jobId}.`);
    return row;
  }
}

const LICENSED = 'Its machine holds a licence key or a bundle, which are for its job alone: nobody is let into it.';
const SEATED = 'A job with licensed seats or bundles gives them back at its end: its machine cannot be held.';
const GUARDED =
  "Its machine holds the project's secrets, and the project's settings let nobody into such a machine: a maintainer can allow it there (shells with secrets).";

function withoutMachine(jobId: number, state: JobState): string {
  if (!isVerdict(state)) return `Job ${jobId} has no machine now: it is ${state}.`;
  const advice = `To look into it, say "terrarium ssh ${jobId} --hold 30" after a restart: if it fails again, its machine is held.`;
  return `Job ${jobId} has ended (${state}), and its machine is gone. ${advice}`;
}
