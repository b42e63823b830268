import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
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

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}

/** A seat that an attempt has or had. Its id is the fencing number: a later lease has a higher one. */
@Entity('license_leases')
@Index('license_leases_live_idx', ['poolId'], { where: "(state <> 'returned'::text)" })
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
  @ForeignKey(() => JobEntity, { name: 'license_leases_job_fkey', onDelete: 'SET NULL' })
  jobId!: number | null;

  @Column('integer', { name: 'project_id', nullable: true })
  @ForeignKey(() => ProjectEntity, { name: 'license_leases_project_fkey', onDelete: 'SET NULL' })
  projectId!: number | null;

  /** `held`: by an attempt that has not ended. `quarantined`: not given back, and free again at `freeAt`. `returned`. */
  @Column('text', { default: 'held' })
  state!: string;

  @Column('timestamptz', { name: 'taken_at', default: () => 'now()' })
  takenAt!: Date;

  @Column('timestamptz', { name: 'released_at', nullable: true })
  releasedAt!: Date | null;

  @Column('timestamptz', { name: 'free_at', nullable: true })
  freeAt!: Date | null;
}
