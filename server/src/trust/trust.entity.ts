import { Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn } from 'typeorm';
import { BuildEntity } from '../builds/build.entity.ts';
import { ProjectEntity } from '../projects/project.entity.ts';

/** Somebody whose pull requests a project trusts by name. */
@Entity('contributors')
export class ContributorEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'contributors_pkey' })
  @ForeignKey(() => ProjectEntity, { name: 'contributors_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  /** His name at the code host, in small letters. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'contributors_pkey' })
  name!: string;

  /** His id there, where it has ids: another account that takes his name later is not trusted. */
  @Column('text', { name: 'host_id', nullable: true })
  hostId!: string | null;

  @Column('text', { name: 'added_by' })
  addedBy!: string;

  @Column('timestamptz', { name: 'added_at', default: () => 'now()' })
  addedAt!: Date;
}

/** What a maintainer said of one commit of an untrusted change. */
@Entity('approvals')
@Index('approvals_build_idx', ['buildId'])
export class ApprovalEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'approvals_pkey' })
  id!: number;

  @Column('integer', { name: 'build_id' })
  @ForeignKey(() => BuildEntity, { name: 'approvals_build_fkey', onDelete: 'CASCADE' })
  buildId!: number;

  /** The commit that he saw; the build's own. */
  @Column('text')
  commit!: string;

  /** `approved` or `refused`. */
  @Column('text')
  decision!: string;

  @Column('text')
  by!: string;

  /** `button` or `comment`. */
  @Column('text')
  via!: string;

  @Column('timestamptz', { default: () => 'now()' })
  at!: Date;
}
