import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { AttemptEntity, JobEntity } from '../builds/build.entity.ts';
import { ProjectEntity } from '../projects/project.entity.ts';

/** Files behind a licence that jobs are given: an SDK, an installer. The archive itself is a file of the data folder, named by its checksum. */
@Entity('bundles')
@Unique('bundles_name_version_key', ['name', 'version'])
export class BundleEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'bundles_pkey' })
  id!: number;

  @Column('text')
  name!: string;

  @Column('text')
  version!: string;

  /** A `BundleFormat`. */
  @Column('text')
  format!: string;

  @Column('bigint')
  bytes!: string;

  @Column('text')
  sha256!: string;

  /** What a job that is given it needs a seat of; null: nothing. */
  @Column('text', { nullable: true })
  license!: string | null;

  /** Who may be given it: as the columns of licence pools. */
  @Column('text', { array: true, default: () => "'{}'" })
  projects!: string[];

  @Column('text', { array: true, default: () => "'{}'" })
  groups!: string[];

  @Column('boolean', { name: 'trusted_only', default: false })
  trustedOnly!: boolean;

  @Column('text', { default: '' })
  note!: string;

  @Column('text', { name: 'uploaded_by' })
  uploadedBy!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}

/** An attempt that was given a bundle; kept longer than the attempt. */
@Entity('bundle_uses')
@Unique('bundle_uses_attempt_key', ['bundleId', 'attemptId'])
export class BundleUseEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'bundle_uses_pkey' })
  id!: number;

  @Column('integer', { name: 'bundle_id' })
  @ForeignKey(() => BundleEntity, { name: 'bundle_uses_bundle_fkey', onDelete: 'CASCADE' })
  bundleId!: number;

  @Column('integer', { name: 'attempt_id', nullable: true })
  @Index('bundle_uses_attempt_idx')
  @ForeignKey(() => AttemptEntity, { name: 'bundle_uses_attempt_fkey', onDelete: 'SET NULL' })
  attemptId!: number | null;

  @Column('integer', { name: 'job_id', nullable: true })
  @Index('bundle_uses_job_idx')
  @ForeignKey(() => JobEntity, { name: 'bundle_uses_job_fkey', onDelete: 'SET NULL' })
  jobId!: number | null;

  @Column('integer', { name: 'project_id', nullable: true })
  @Index('bundle_uses_project_idx')
  @ForeignKey(() => ProjectEntity, { name: 'bundle_uses_project_fkey', onDelete: 'SET NULL' })
  projectId!: number | null;

  @Column('timestamptz', { default: () => 'now()' })
  at!: Date;
}
