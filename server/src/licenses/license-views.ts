import type { Pool } from 'pg';
import {
  KeyAs,
  KeyUse,
  type LeaseView,
  type LicensedJob,
  type LicensePoolView,
  type LicensesView,
  OnWithdrawal,
  type ReservationView,
  type SeatWaitView,
} from '#server/api';
import { mayRead, type Readable } from '../auth/rights.ts';
import { IS_TAKEN, IS_VALID, USABLE_SEATS } from './sql/seats-now.ts';

/** A job that waits for a seat: see `Scheduler.seatWaits`. */
export interface SeatWait {
  readonly jobId: number;
  readonly product: string;
  readonly reason: string;
}

interface JobRow extends LicensedJob {
  readonly projectId: number;
  readonly queuedAt: Date | null;
}

type LeaseRow = Omit<LeaseView, 'takenAt' | 'freeAt' | 'job'> & {
  readonly takenAt: Date;
  readonly freeAt: Date | null;
  readonly jobId: number | null;
};

type ReservationRow = Omit<ReservationView, 'from' | 'until'> & { readonly pool: string; readonly from: Date; readonly until: Date };

interface PoolRow {
  readonly name: string;
  readonly product: string;
  readonly seats: number;
  readonly usable: number;
  readonly versions: string | null;
  readonly projects: string[];
  readonly groups: string[];
  readonly trustedOnly: boolean;
  readonly hosts: string[];
  readonly images: string[];
  readonly mostPerProject: number | null;
  readonly quarantineSeconds: number;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly isValid: boolean;
  readonly onWithdrawal: string;
  readonly costCenter: string;
  readonly keyUse: string;
  readonly keyVariable: string | null;
  readonly keyAs: string;
  readonly keys: string[];
  readonly server: string | null;
  readonly feature: string | null;
  readonly serverSeats: number | null;
  readonly outside: number;
  readonly checkedAt: Date | null;
  readonly problem: string | null;
  readonly createdAt: Date;
}

/** Licences as people see them. Jobs and projects that somebody may not read are not named to him. */
export class LicenseViews {
  constructor(
    private readonly pool: Pool,
    private readonly waits: () => readonly SeatWait[],
  ) {}

  /** All pools, every seat that is taken, and who waits for one. */
  async all(readable: Readable, isAdmin: boolean): Promise<LicensesView> {
    const waits = this.waits();
    const [pools, leases, reservations] = await Promise.all([this.pools(), this.leases(), this.reservations()]);
    const jobs = await this.jobs([...leases.flatMap(({ jobId }) => jobId ?? []), ...waits.map(({ jobId }) => jobId)]);
    const seen = readable === 'all' ? jobs : new Map([...jobs].filter(([, job]) => mayRead(readable, job.projectId)));
    const mayKnow = reservations.filter(({ projectId }) => mayRead(readable, projectId));
    return {
      pools: pools.map((row) => poolView(row, leases, mayKnow)).map((pool) => (isAdmin ? pool : withoutNames(pool))),
      leases: leases.map(({ jobId, ...lease }) => leaseView(lease, jobId === null ? undefined : seen.get(jobId))),
      waiting: waits.map((wait) => waitView(wait, seen.get(wait.jobId), jobs.get(wait.jobId)?.queuedAt ?? null)),
    };
  }

  private async pools(): Promise<PoolRow[]> {
    const { rows } = await this.pool.query<PoolRow>(
      `select name, product, seats, ${USABLE_SEATS} as usable, versions, projects, groups, trusted_only as "trustedOnly", hosts, images,
         most_per_project as "mostPerProject", quarantine_seconds as "quarantineSeconds", valid_from::text as "validFrom", valid_until::text as "validUntil",
         ${IS_VALID} as "isValid", on_withdrawal as "onWithdrawal", cost_center as "costCenter", key_use as "keyUse", key_variable as "keyVariable", key_as as "keyAs",
         array(select k.name from license_keys k where k.pool_id = p.id and not k.retired order by 1) as keys, server, feature, server_seats as "serverSeats", outside,
         checked_at as "checkedAt", problem, created_at as "createdAt"
       from license_pools p order by product, name`,
    );
    return rows;
  }

  private async leases(): Promise<LeaseRow[]> {
    const { rows } = await this.pool.query<LeaseRow>(
      `select l.id, p.name as pool, p.product, l.state, l.taken_at as "takenAt", l.free_at as "freeAt", l.job_id as "jobId"
       from license_leases l join license_pools p on p.id = l.pool_id where l.state <> 'returned' and ${IS_TAKEN} order by l.id`,
    );
    return rows;
  }

  private async reservations(): Promise<ReservationRow[]> {
    const { rows } = await this.pool.query<ReservationRow>(
      `select r.id, p.name as pool, r.project_id as "projectId", j.name as "projectName", r.seats, r.from_at as "from", r.until_at as "until"
       from license_reservations r join license_pools p on p.id = r.pool_id join projects j on j.id = r.project_id where r.until_at > now() order by r.from_at, r.id`,
    );
    return rows;
  }

  private async jobs(ids: readonly number[]): Promise<Map<number, JobRow>> {
    if (ids.length === 0) return new Map();
    const { rows } = await this.pool.query<JobRow>(
      `select j.id, j.spec->>'name' as name, j.build_id as "buildId", p.name as "projectName", j.project_id as "projectId", j.queued_at as "queuedAt"
       from jobs j join projects p on p.id = j.project_id where j.id = any($1)`,
      [ids],
    );
    return new Map(rows.map((row) => [row.id, row]));
  }
}

function poolView(row: PoolRow, leases: readonly LeaseRow[], reservations: readonly ReservationRow[]): LicensePoolView {
  const { usable, projects, groups, trustedOnly, server, feature, serverSeats, outside, checkedAt, problem, ...rest } = row;
  const count = (state: LeaseView['state']): number => leases.filter((lease) => lease.pool === row.name && lease.state === state).length;
  const [held, quarantined] = [count('held'), count('quarantined')];
  const asked = { seats: serverSeats, outside, checkedAt: checkedAt?.toISOString() ?? null, problem };
  return {
    ...rest,
    held,
    quarantined,
    free: Math.max(0, usable - held - quarantined),
    terms: { projects, groups, trustedOnly },
    isForAll: projects.length + groups.length === 0,
    onWithdrawal: OnWithdrawal.parse(row.onWithdrawal),
    keyUse: KeyUse.parse(row.keyUse),
    keyAs: KeyAs.parse(row.keyAs),
    server: server === null ? null : { instance: server, feature: feature ?? '', ...asked },
    reservations: reservations.filter(({ pool }) => pool === row.name).map(reservationView),
    createdAt: row.createdAt.toISOString(),
  };
}

/** What names others' projects, or how the installation is set up. */
function withoutNames(pool: LicensePoolView): LicensePoolView {
  const { terms, server } = pool;
  const asked = server === null ? null : { ...server, problem: server.problem === null ? null : 'It cannot be asked now.' };
  return { ...pool, terms: { ...terms, projects: [], groups: [] }, hosts: [], keys: [], costCenter: '', server: asked };
}

function reservationView({ pool: _pool, from, until, ...reservation }: ReservationRow): ReservationView {
  return { ...reservation, from: from.toISOString(), until: until.toISOString() };
}

function leaseView({ takenAt, freeAt, ...lease }: Omit<LeaseRow, 'jobId'>, job: JobRow | undefined): LeaseView {
  return { ...lease, job: jobView(job), takenAt: takenAt.toISOString(), freeAt: freeAt?.toISOString() ?? null };
}

function waitView({ product, reason }: SeatWait, job: JobRow | undefined, since: Date | null): SeatWaitView {
  return { job: jobView(job), product, reason, since: since?.toISOString() ?? null };
}

function jobView(job: JobRow | undefined): LicensedJob | null {
  return job === undefined ? null : { id: job.id, name: job.name, buildId: job.buildId, projectName: job.projectName };
}
