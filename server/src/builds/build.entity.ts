import { Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { ProjectEntity } from '../projects/project.entity.ts';

/** Everything run for one change. */
@Entity('builds')
@Unique('builds_project_number_key', ['projectId', 'number'])
@Index('builds_unfinished_idx', ['projectId', 'branch'], { where: '(finished_at IS NULL)' })
@Index('builds_branch_idx', ['projectId', 'branch', 'number'])
@Index('builds_held_idx', ['projectId'], { where: "(trust = 'held'::text)" })
export class BuildEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'builds_pkey' })
  id!: number;

  @Column('integer', { name: 'project_id' })
  @ForeignKey(() => ProjectEntity, { name: 'builds_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  @Column('integer')
  number!: number;

  @Column('text')
  state!: string;

  @Column('jsonb')
  change!: unknown;

  @Column('text')
  branch!: string;

  @Column('text', { nullable: true })
  description!: string | null;

  @Column('jsonb')
  stages!: unknown;

  @Column('jsonb')
  messages!: unknown;

  @Column('boolean', { name: 'fast_finish' })
  fastFinish!: boolean;

  /** Nobody outside is told of it. */
  @Column('boolean', { name: 'is_quiet', default: false })
  isQuiet!: boolean;

  /** A `BuildTrust`. */
  @Column('text', { default: 'trusted' })
  trust!: string;

  /** Why, in words. */
  @Column('text', { name: 'trust_reason', nullable: true })
  trustReason!: string | null;

  /** Whose pull request it is of: his name at the code host. */
  @Column('text', { nullable: true })
  contributor!: string | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}

/** One row of a build's matrix. */
@Entity('jobs')
@Unique('jobs_build_position_key', ['buildId', 'position'])
@Index('jobs_queue_idx', ['projectId', 'shape', 'id'], { where: "(state = 'queued'::text)" })
@Index('jobs_unfinished_idx', ['buildId', 'stageIndex'], { where: '(finished_at IS NULL)' })
@Index('jobs_outcomes_idx', ['buildId', 'state', 'stageIndex', 'allowFailure'])
export class JobEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'jobs_pkey' })
  id!: number;

  @Column('integer', { name: 'build_id' })
  @ForeignKey(() => BuildEntity, { name: 'jobs_build_fkey', onDelete: 'CASCADE' })
  buildId!: number;

  @Column('integer', { name: 'project_id' })
  projectId!: number;

  @Column('integer')
  position!: number;

  @Column('integer', { name: 'stage_index' })
  stageIndex!: number;

  @Column('boolean', { name: 'allow_failure' })
  allowFailure!: boolean;

  /** A `JobSpec`. */
  @Column('jsonb')
  spec!: unknown;

  /** See `shapeOf`. */
  @Column('text')
  shape!: string;

  @Column('text')
  state!: string;

  @Column('text', { nullable: true })
  reason!: string | null;

  /** The newest attempt's number; 0 before the first. */
  @Column('integer', { default: 0 })
  attempt!: number;

  /** For how long the machine of an attempt that failed is held for a person to look into it. Null: not at all. */
  @Column('integer', { name: 'hold_minutes', nullable: true })
  holdMinutes!: number | null;

  @Column('timestamptz', { name: 'queued_at', nullable: true })
  queuedAt!: Date | null;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;
}

/** One try at a job; only the newest number may write. */
@Entity('attempts')
@Unique('attempts_job_number_key', ['jobId', 'number'])
@Index('attempts_live_idx', ['owner'], { where: '(finished_at IS NULL)' })
@Index('attempts_machine_idx', ['machineId'], { where: '(finished_at IS NULL)' })
@Index('attempts_held_idx', ['machineId'], { where: '(held_until IS NOT NULL)' })
@Index('attempts_log_idx', ['finishedAt'], { where: '(NOT log_deleted)' })
export class AttemptEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'attempts_pkey' })
  id!: number;

  @Column('integer', { name: 'job_id' })
  @ForeignKey(() => JobEntity, { name: 'attempts_job_fkey', onDelete: 'CASCADE' })
  jobId!: number;

  @Column('integer')
  number!: number;

  @Column('text')
  state!: string;

  @Column('text', { nullable: true })
  reason!: string | null;

  /** The process that runs it: the fence for everything written about it. */
  @Column('uuid', { nullable: true })
  owner!: string | null;

  @Column('timestamptz', { name: 'lease_until', nullable: true })
  leaseUntil!: Date | null;

  @Column('text', { name: 'machine_id', nullable: true })
  machineId!: string | null;

  @Column('text', { nullable: true })
  isolation!: string | null;

  @Column('text', { nullable: true })
  host!: string | null;

  @Column('text', { nullable: true })
  image!: string | null;

  @Column('text', { name: 'image_digest', nullable: true })
  imageDigest!: string | null;

  /** Its machine was lost: the job was given another attempt, unless it had had too many. */
  @Column('boolean', { default: false })
  lost!: boolean;

  /** What its machine tried to reach in vain: `DeniedAttempt[]`. */
  @Column('jsonb', { default: [] })
  denied!: unknown;

  /** What its report files or its log say of its tests: `TestReport`; null where they say nothing of any. */
  @Column('jsonb', { nullable: true })
  tests!: unknown;

  /** How much of the code its tests ran, percent; null where nothing says so. */
  @Column('real', { nullable: true })
  coverage!: number | null;

  /** What could not be read of its tests: `string[]`, for people. */
  @Column('jsonb', { name: 'test_notes', default: [] })
  testNotes!: unknown;

  /** Until when its machine is held for a person to look into it, after its end. */
  @Column('timestamptz', { name: 'held_until', nullable: true })
  heldUntil!: Date | null;

  @Column('boolean', { name: 'cancel_requested', default: false })
  cancelRequested!: boolean;

  /** Why it is to be cancelled, in words: what its job shows once it is. */
  @Column('text', { name: 'cancel_reason', nullable: true })
  cancelReason!: string | null;

  @Column('timestamptz', { name: 'started_at', nullable: true })
  startedAt!: Date | null;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  @Column('bigint', { name: 'log_size', default: 0 })
  logSize!: string;

  /** Its log was kept as long as the installation wants, and is gone. */
  @Column('boolean', { name: 'log_deleted', default: false })
  logDeleted!: boolean;
}

/** One command or phase of an attempt, with its place in the log. */
@Entity('steps')
export class StepEntity {
  @PrimaryColumn('integer', { name: 'attempt_id', primaryKeyConstraintName: 'steps_pkey' })
  @ForeignKey(() => AttemptEntity, { name: 'steps_attempt_fkey', onDelete: 'CASCADE' })
  attemptId!: number;

  @PrimaryColumn('integer', { primaryKeyConstraintName: 'steps_pkey' })
  index!: number;

  @Column('text')
  phase!: string;

  @Column('text')
  title!: string;

  @Column('timestamptz', { name: 'started_at' })
  startedAt!: Date;

  @Column('timestamptz', { name: 'finished_at', nullable: true })
  finishedAt!: Date | null;

  @Column('integer', { name: 'exit_code', nullable: true })
  exitCode!: number | null;

  @Column('bigint', { name: 'start_offset' })
  startOffset!: string;

  @Column('bigint', { name: 'end_offset', nullable: true })
  endOffset!: string | null;

  @Column('bigint', { name: 'start_line' })
  startLine!: string;

  @Column('bigint', { name: 'end_line', nullable: true })
  endLine!: string | null;

  /** How far the spool had come at the step's last event. */
  @Column('bigint', { name: 'spool_offset' })
  spoolOffset!: string;
}
