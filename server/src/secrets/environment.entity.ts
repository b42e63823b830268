import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { ProjectEntity } from '../projects/project.entity.ts';

/** A named group of a project's secrets. */
@Entity('environments')
export class EnvironmentEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'environments_pkey' })
  @ForeignKey(() => ProjectEntity, { name: 'environments_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'environments_pkey' })
  name!: string;

  /** Patterns of branches that it is for. */
  @Column('jsonb')
  branches!: object;

  /** Patterns of tags. */
  @Column('jsonb')
  tags!: object;
}
