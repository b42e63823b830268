import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { ProjectEntity } from '../../projects/project.entity.ts';
import { AccountEntity } from '../accounts/account.entity.ts';

/** What an account may on one project, beside its role for the installation. */
@Entity('project_roles')
@Index('project_roles_account_idx', ['accountId'])
export class ProjectRoleEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'project_roles_pkey' })
  @ForeignKey(() => ProjectEntity, { name: 'project_roles_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  @PrimaryColumn('integer', { name: 'account_id', primaryKeyConstraintName: 'project_roles_pkey' })
  @ForeignKey(() => AccountEntity, { name: 'project_roles_account_fkey', onDelete: 'CASCADE' })
  accountId!: number;

  /** `manual`: somebody gave it. `host`: the project's code host says so. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'project_roles_pkey' })
  source!: string;

  /** A `ProjectRole`. */
  @Column('text')
  role!: string;
}
