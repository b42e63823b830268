import { Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { AttemptEntity, JobEntity } from '../builds/build.entity.ts';
import { ProjectEntity } from '../projects/project.entity.ts';

/** Seats of one product. */
@Entity('license_pools')
@Unique('license_pools_name_key', ['name'])
export class LicensePoolEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'license_pools_pkey' })
  id!: number;

  @Column('text')
  name!: string;

  @Column('text')
  product!: string;

  @Column('integer')
  seats!: number;

  @Column('integer', { name: 'most_per_project', nullable: true })
  mostPerProject!: number | null;

  /** How long a seat that was not given back stays taken at its vendor. */
  @Column('integer', { name: 'quarantine_seconds', default: 0 })
  quarantineSeconds!: number;

  /** Days of UTC; outside of them it has no seat to give. */
  @Column('date', { name: 'valid_from', nullable: true })
  validFrom!: string | null;

  @Column('date', { name: 'valid_until', nullable: true })
  validUntil!: string | null;

  @Column('text', { name: 'cost_center', default: '' })
  costCenter!: string;

  /** The versions that it is for, `12.1 - 19`; null: all. See `readVersions`. */
  @Column('text', { nullable: true })
  versions!: string | null;

  /** Patterns of names of the projects that may use it, and groups of projects; both empty: all may. */
  @Column('text', { array: true, default: () => "'{}'" })
  projects!: string[];

  @Column('text', { array: true, default: () => "'{}'" })
  groups!: string[];

  /** Not for changes that somebody else's approval has let in. */
  @Column('boolean', { name: 'trusted_only', default: false })
  trustedOnly!: boolean;

  /** Only in machines on these hosts, and of these images; empty: any. */
  @Column('text', { array: true, default: () => "'{}'" })
  hosts!: string[];

  @Column('text', { array: true, default: () => "'{}'" })
  images!: string[];

  /** What becomes of jobs whose seat is withdrawn: `finish` or `stop`. */
  @Column('text', { name: 'on_withdrawal', default: 'finish' })
  onWithdrawal!: string;

  /** `none`, `shared` (every seat gets the one key), `each` (every seat has its own). */
  @Column('text', { name: 'key_use', default: 'none' })
  keyUse!: string;

  /** The variable by which a job gets its key, as `key_as` says: its `value`, or the place of a `file` with it. */
  @Column('text', { name: 'key_variable', nullable: true })
  keyVariable!: string | null;

  @Column('text', { name: 'key_as', default: 'value' })
  keyAs!: string;

  /** The plugin instance that asks the product's own licence server, and what that calls the product. Null: the seats are counted here alone. */
  @Column('text', { nullable: true })
  server!: string | null;

  @Column('text', { nullable: true })
  feature!: string | null;

  /** What that server has said last: its seats, and how many of them somebody has who is none of our jobs. */
  @Column('integer', { name: 'server_seats', nullable: true })
  serverSeats!: number | null;

  @Column('integer', { default: 0 })
  outside!: number;

  @Column('timestamptz', { name: 'checked_at', nullable: true })
  checkedAt!: Date | null;

  /** Why it could not be asked, in words; null if it could. */
  @Column('text', { nullable: true })
  problem!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}

/** A key of a licence pool, or the content of a licence file, sealed. */
@Entity('license_keys')
@Index('license_keys_pool_name_key', ['poolId', 'name'], { unique: true, where: '(NOT retired)' })
export class LicenseKeyEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'license_keys_pkey' })
  id!: number;

  @Column('integer', { name: 'pool_id' })
  @ForeignKey(() => LicensePoolEntity, { name: 'license_keys_pool_fkey', onDelete: 'CASCADE' })
  poolId!: number;

  @Column('text')
  name!: string;

  @Column('bytea')
  value!: Buffer;

  /** Another has taken its place: no job gets it any more; those that have it keep it. */
  @Column('boolean', { default: false })
  retired!: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}

/** A seat that an attempt has or had. Its id is the fencing number: a later lease has a higher one. */
@Entity('license_leases')
@Index('license_leases_taken_idx', ['poolId', 'takenAt'])
@Index('license_leases_live_idx', ['poolId'], { where: "(state <> 'returned'::text)" })
@Index('license_leases_free_idx', ['freeAt'], { where: '(free_at IS NOT NULL)' })
export class LicenseLeaseEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'license_leases_pkey' })
  id!: number;

  @Column('integer', { name: 'pool_id' })
  @ForeignKey(() => LicensePoolEntity, { name: 'license_leases_pool_fkey', onDelete: 'CASCADE' })
  poolId!: number;

  @Column('integer', { name: 'attempt_id', nullable: true })
  @Index('license_leases_attempt_idx')
  @ForeignKey(() => AttemptEntity, { name: 'license_leases_attempt_fkey', onDelete: 'SET NULL' })
  attemptId!: number | null;

  @Column('integer', { name: 'job_id', nullable: true })
  @Index('license_leases_job_idx')
  @ForeignKey(() => JobEntity, { name: 'license_leases_job_fkey', onDelete: 'SET NULL' })
  jobId!: number | null;

  @Column('integer', { name: 'project_id', nullable: true })
  @Index('license_leases_project_idx')
  @ForeignKey(() => ProjectEntity, { name: 'license_leases_project_fkey', onDelete: 'SET NULL' })
  projectId!: number | null;

  /** `held`: by an attempt that has not ended. `quarantined`: not given back, and free again at `freeAt`. `returned`. */
  @Column('text', { default: 'held' })
  state!: string;

  @Column('timestamptz', { name: 'taken_at', default: () => 'now()' })
  takenAt!: Date;

  @Column('timestamptz', { name: 'released_at', nullable: true })
  @Index('license_leases_released_idx')
  releasedAt!: Date | null;

  @Column('timestamptz', { name: 'free_at', nullable: true })
  freeAt!: Date | null;
  /** The key that it was given. */
  @Column('integer', { name: 'key_id', nullable: true })
  @Index('license_leases_key_idx')
  @ForeignKey(() => LicenseKeyEntity, { name: 'license_leases_key_fkey', onDelete: 'SET NULL' })
  keyId!: number | null;
}

/** Seats that are kept for a project for a while. */
@Entity('license_reservations')
export class LicenseReservationEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'license_reservations_pkey' })
  id!: number;

  @Column('integer', { name: 'pool_id' })
  @Index('license_reservations_pool_idx')
  @ForeignKey(() => LicensePoolEntity, { name: 'license_reservations_pool_fkey', onDelete: 'CASCADE' })
  poolId!: number;

  @Column('integer', { name: 'project_id' })
  @ForeignKey(() => ProjectEntity, { name: 'license_reservations_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  @Column('integer')
  seats!: number;

  @Column('timestamptz', { name: 'from_at' })
  fromAt!: Date;

  @Column('timestamptz', { name: 'until_at' })
  untilAt!: Date;
}

/** How many seats a pool has had from some moment on: what a chart of its use is drawn against. */
@Entity('license_limits')
@Index('license_limits_pool_idx', ['poolId', 'at'])
export class LicenseLimitEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'license_limits_pkey' })
  id!: number;

  @Column('integer', { name: 'pool_id' })
  @ForeignKey(() => LicensePoolEntity, { name: 'license_limits_pool_fkey', onDelete: 'CASCADE' })
  poolId!: number;

  @Column('integer')
  seats!: number;

  @Column('timestamptz', { default: () => 'now()' })
  at!: Date;
}

/** How a product was used in a calendar month (UTC) that is over: kept when its leases are forgotten. See `LicenseMonth` of the API. */
@Entity('license_months')
export class LicenseMonthEntity {
  /** Its first day. */
  @PrimaryColumn('date', { primaryKeyConstraintName: 'license_months_pkey' })
  month!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'license_months_pkey' })
  product!: string;

  @Column('integer')
  seats!: number;

  @Column('integer')
  peak!: number;

  @Column('integer')
  leases!: number;

  @Column('double precision', { name: 'seat_hours' })
  seatHours!: number;

  @Column('integer')
  refusals!: number;
}

/** A job whose turn came while no seat of a product was to be had for it: once for each of its attempts. */
@Entity('license_waits')
@Unique('license_waits_job_key', ['jobId', 'attempt', 'product'])
export class LicenseWaitEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'license_waits_pkey' })
  id!: number;

  @Column('text')
  product!: string;

  @Column('integer', { name: 'job_id', nullable: true })
  @ForeignKey(() => JobEntity, { name: 'license_waits_job_fkey', onDelete: 'SET NULL' })
  jobId!: number | null;

  /** The number of the attempt before: a job that is queued again is refused again. */
  @Column('integer')
  attempt!: number;

  @Column('integer', { name: 'project_id', nullable: true })
  @Index('license_waits_project_idx')
  @ForeignKey(() => ProjectEntity, { name: 'license_waits_project_fkey', onDelete: 'SET NULL' })
  projectId!: number | null;

  @Column('timestamptz', { default: () => 'now()' })
  @Index('license_waits_at_idx')
  at!: Date;
}
