import { Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { BuildEntity } from '../builds/build.entity.ts';
import { ProjectEntity } from '../projects/project.entity.ts';

/** A project whose repository is a fork of Python, or Python as it was released. */
@Entity('forks')
@Unique('forks_name_key', ['name'])
export class ForkEntity {
  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'forks_pkey' })
  @ForeignKey(() => ProjectEntity, { name: 'forks_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  /** As jobs ask for it: `acme-3.8`, `3.12`. */
  @Column('text')
  name!: string;

  /** The interpreter that it is a fork of, as jobs ask for it: `3.8`; null: it is none, and compared with nothing. */
  @Column('text', { nullable: true })
  upstream!: string | null;

  /** What python-build is asked for: `3.12.4`; null: the repository is the source. */
  @Column('text', { nullable: true })
  definition!: string | null;

  /** Options of `configure`. */
  @Column('text', { array: true, default: () => "'{}'" })
  configure!: string[];

  /** Arguments of its own test suite; null: that is not run. */
  @Column('text', { array: true, nullable: true })
  tests!: string[] | null;

  /** The images that it is built on. */
  @Column('text', { array: true })
  images!: string[];

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}

/** A package whose tests are run on a fork. */
@Entity('fork_packages')
export class ForkPackageEntity {
  @PrimaryColumn('integer', { name: 'fork_id', primaryKeyConstraintName: 'fork_packages_pkey' })
  @ForeignKey(() => ForkEntity, { name: 'fork_packages_fork_fkey', onDelete: 'CASCADE' })
  forkId!: number;

  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'fork_packages_pkey' })
  @Index('fork_packages_project_idx')
  @ForeignKey(() => ProjectEntity, { name: 'fork_packages_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;
}

/** An interpreter that a fork has published for an image: an archive in the data folder, named by its checksum. */
@Entity('interpreters')
@Unique('interpreters_fork_revision_image_key', ['forkId', 'revision', 'image'])
@Index('interpreters_new_idx', ['forkId', 'revision'], { where: '(announced_at IS NULL)' })
export class InterpreterEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'interpreters_pkey' })
  id!: number;

  @Column('integer', { name: 'fork_id' })
  @ForeignKey(() => ForkEntity, { name: 'interpreters_fork_fkey', onDelete: 'CASCADE' })
  forkId!: number;

  @Column('text')
  revision!: string;

  @Column('text')
  image!: string;

  /** Its own word: `3.8.20`. */
  @Column('text')
  version!: string;

  /** Null: newer ones have taken its place, and it is kept no longer. What is said of it stays. */
  @Column('text', { nullable: true })
  sha256!: string | null;

  @Column('bigint')
  bytes!: string;

  @Column('integer', { name: 'build_id', nullable: true })
  @Index('interpreters_build_idx')
  @ForeignKey(() => BuildEntity, { name: 'interpreters_build_fkey', onDelete: 'SET NULL' })
  buildId!: number | null;

  /** When the builds of the packages that are tried on it were begun. */
  @Column('timestamptz', { name: 'announced_at', nullable: true })
  announcedAt!: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}

/** A branch or tag that a published interpreter was built for. One revision may be the head of several. */
@Entity('interpreter_names')
export class InterpreterNameEntity {
  @PrimaryColumn('integer', { name: 'interpreter_id', primaryKeyConstraintName: 'interpreter_names_pkey' })
  @ForeignKey(() => InterpreterEntity, { name: 'interpreter_names_interpreter_fkey', onDelete: 'CASCADE' })
  interpreterId!: number;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'interpreter_names_pkey' })
  name!: string;

  @Column('boolean', { name: 'is_branch' })
  isBranch!: boolean;

  /** The number of the newest build of that branch or tag that published it: of several interpreters that decides which one jobs get. */
  @Column('integer', { name: 'build_number' })
  buildNumber!: number;
}

/** The build of a package on a revision of a fork. */
@Entity('fork_builds')
export class ForkBuildEntity {
  @PrimaryColumn('integer', { name: 'fork_id', primaryKeyConstraintName: 'fork_builds_pkey' })
  @ForeignKey(() => ForkEntity, { name: 'fork_builds_fork_fkey', onDelete: 'CASCADE' })
  forkId!: number;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'fork_builds_pkey' })
  revision!: string;

  @PrimaryColumn('integer', { name: 'project_id', primaryKeyConstraintName: 'fork_builds_pkey' })
  @Index('fork_builds_project_idx')
  @ForeignKey(() => ProjectEntity, { name: 'fork_builds_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  @Column('integer', { name: 'build_id', nullable: true })
  @Index('fork_builds_build_idx')
  @ForeignKey(() => BuildEntity, { name: 'fork_builds_build_fkey', onDelete: 'SET NULL' })
  buildId!: number | null;

  /** Why it could not be begun, in words. */
  @Column('text', { nullable: true })
  problem!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
