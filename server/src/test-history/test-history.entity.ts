import { Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { AttemptEntity } from '../builds/build.entity.ts';
import { ProjectEntity } from '../projects/project.entity.ts';

/** A test of a project, by its name. */
@Entity('tests')
@Unique('tests_project_hash_key', ['projectId', 'hash'])
export class TestEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'tests_pkey' })
  id!: number;

  @Column('integer', { name: 'project_id' })
  @ForeignKey(() => ProjectEntity, { name: 'tests_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  /** The first 16 bytes of its name's SHA-256: names may be longer than an index takes. */
  @Column('bytea')
  hash!: Buffer;

  @Column('text')
  name!: string;
}

/** An attempt of which the tests are known one by one. */
@Entity('test_runs')
@Index('test_runs_project_idx', ['projectId', 'at'])
@Index('test_runs_commit_idx', ['projectId', 'commit', 'job'])
@Index('test_runs_at_idx', ['at'])
export class TestRunEntity {
  @PrimaryColumn('integer', { name: 'attempt_id', primaryKeyConstraintName: 'test_runs_pkey' })
  @ForeignKey(() => AttemptEntity, { name: 'test_runs_attempt_fkey', onDelete: 'CASCADE' })
  attemptId!: number;

  @Column('integer', { name: 'project_id' })
  @ForeignKey(() => ProjectEntity, { name: 'test_runs_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  /** The name of its job, which is the same in every build of the same matrix. */
  @Column('text')
  job!: string;

  /** As the job asked for it; empty: for none. */
  @Column('text')
  interpreter!: string;

  @Column('text')
  commit!: string;

  @Column('text')
  branch!: string;

  /** More tests ran than are kept. */
  @Column('boolean', { name: 'is_cut' })
  isCut!: boolean;

  @Column('timestamptz', { default: () => 'now()' })
  at!: Date;
}

/** How one test came out in one attempt. */
@Entity('test_outcomes')
@Index('test_outcomes_test_idx', ['testId', 'attemptId'])
@Index('test_outcomes_bad_idx', ['attemptId'], { where: '(outcome >= 2)' })
@Index('test_outcomes_slow_idx', ['attemptId'], { where: '(milliseconds >= 100)' })
export class TestOutcomeEntity {
  @PrimaryColumn('integer', { name: 'attempt_id', primaryKeyConstraintName: 'test_outcomes_pkey' })
  @ForeignKey(() => TestRunEntity, { name: 'test_outcomes_run_fkey', onDelete: 'CASCADE' })
  attemptId!: number;

  @PrimaryColumn('integer', { name: 'test_id', primaryKeyConstraintName: 'test_outcomes_pkey' })
  @ForeignKey(() => TestEntity, { name: 'test_outcomes_test_fkey', onDelete: 'CASCADE' })
  testId!: number;

  /** See `OUTCOME_CODES`. */
  @Column('smallint')
  outcome!: number;

  /** Null: not told. */
  @Column('integer', { nullable: true })
  milliseconds!: number | null;
}
