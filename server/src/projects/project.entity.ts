import { Column, Entity, ForeignKey, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** One repository at one code host, with its settings. */
@Entity('projects')
@Unique('projects_name_key', ['name'])
export class ProjectEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'projects_pkey' })
  id!: number;

  @Column('text')
  name!: string;

  @Column('text')
  url!: string;

  @Column('text')
  scm!: string;

  @Column('text', { name: 'default_branch', nullable: true })
  defaultBranch!: string | null;

  @Column('integer', { name: 'poll_seconds', nullable: true })
  pollSeconds!: number | null;

  @Column('timestamptz', { name: 'polled_at', nullable: true })
  polledAt!: Date | null;

  /** When a hint is followed, if one has come since the last look. */
  @Column('timestamptz', { name: 'look_at', nullable: true })
  lookAt!: Date | null;

  /** Why the last look at the repository failed, in words. */
  @Column('text', { name: 'poll_problem', nullable: true })
  pollProblem!: string | null;

  /** Whether all branches and tags were seen once: what is new or moved after that is built. */
  @Column('boolean', { name: 'refs_known', default: false })
  refsKnown!: boolean;

  @Column('boolean', { name: 'cancel_superseded', default: false })
  cancelSuperseded!: boolean;

  /** How well a machine must be kept apart at least to run its jobs: an `Isolation`. */
  @Column('text', { default: 'none' })
  isolation!: string;

  /** Whether people may be let into machines of jobs that hold its secrets. */
  @Column('boolean', { name: 'shell_with_secrets', default: false })
  shellWithSecrets!: boolean;

  /** A sealed `RepositoryCredentials` as JSON: see `SecretBox`. */
  @Column('bytea', { nullable: true })
  credentials!: Buffer | null;

  /** A `TrustPolicy`; what it does not say is as for a new project. */
  @Column('jsonb', { default: {} })
  trust!: object;

  /** The sealed secret that its webhook is signed with; null before one was made. */
  @Column('bytea', { name: 'hook_secret', nullable: true })
  hookSecret!: Buffer | null;

  /** What its code host is told: a `StatusDetail`. */
  @Column('text', { default: 'none' })
  statuses!: string;

  /** Groups that an admin has put it into; terms of licences name them. */
  @Column('text', { array: true, default: () => "'{}'" })
  groups!: string[];

  @Column('integer', { name: 'next_build', default: 1 })
  nextBuild!: number;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}

/** A value that a project's jobs see as a variable, and no log shows. */
@Entity('project_secrets')
export class ProjectSecretEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'project_secrets_pkey' })
  @ForeignKey(() => ProjectEntity, { name: 'project_secrets_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  /** Jobs of which environment get it; empty: all of the project's. */
  @PrimaryColumn('text', { default: '', primaryKeyConstraintName: 'project_secrets_pkey' })
  environment!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'project_secrets_pkey' })
  name!: string;

  /** Sealed: see `SecretBox`. */
  @Column('bytea')
  value!: Buffer;
}

/** Where a branch or tag pointed when the repository was last looked at. A branch of several heads is there for each. */
@Entity('project_refs')
export class ProjectRefEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'project_refs_pkey' })
  @ForeignKey(() => ProjectEntity, { name: 'project_refs_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'project_refs_pkey' })
  kind!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'project_refs_pkey' })
  name!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'project_refs_pkey' })
  commit!: string;
}
