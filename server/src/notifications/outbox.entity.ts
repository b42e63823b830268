import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { BuildEntity } from '../builds/build.entity.ts';
import { ProjectEntity } from '../projects/project.entity.ts';

/**
 * Something that somebody outside is to be told: a commit's status, or a notice. Its version grows in the transaction that changes what is to be told; what is told
 * is read when it is sent, so the last state wins.
 */
@Entity('outbox')
@Unique('outbox_key', ['projectId', 'channel', 'key'])
@Index('outbox_due_idx', ['nextAt'], { where: '((sent_version < version) AND (NOT gave_up))' })
@Index('outbox_build_idx', ['buildId'])
export class OutboxEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'outbox_pkey' })
  id!: number;

  @Column('integer', { name: 'project_id' })
  @ForeignKey(() => ProjectEntity, { name: 'outbox_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  /** The build that it is about now. */
  @Column('integer', { name: 'build_id' })
  @ForeignKey(() => BuildEntity, { name: 'outbox_build_fkey', onDelete: 'CASCADE' })
  buildId!: number;

  /** `status`, or `notice:7` for the subscription 7. */
  @Column('text')
  channel!: string;

  /** What of the channel it overwrites: `COMMIT KEY` of a status, the build of a notice. */
  @Column('text')
  key!: string;

  @Column('integer', { default: 1 })
  version!: number;

  /** The version that was sent last; 0: none. */
  @Column('integer', { name: 'sent_version', default: 0 })
  sentVersion!: number;

  /** Tries of this version that failed. */
  @Column('integer', { default: 0 })
  tries!: number;

  @Column('timestamptz', { name: 'next_at', default: () => 'now()' })
  nextAt!: Date;

  /** What was told last, by status key: only what differs is told again. */
  @Column('jsonb', { default: {} })
  told!: object;

  /** Why it was not sent when it was tried last, in words. */
  @Column('text', { nullable: true })
  problem!: string | null;

  /** It will not be tried again by itself. */
  @Column('boolean', { name: 'gave_up', default: false })
  gaveUp!: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'sent_at', nullable: true })
  sentAt!: Date | null;
}

/** Who a project wants told of its builds, and when. */
@Entity('subscriptions')
@Index('subscriptions_project_idx', ['projectId'])
export class SubscriptionEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'subscriptions_pkey' })
  id!: number;

  @Column('integer', { name: 'project_id' })
  @ForeignKey(() => ProjectEntity, { name: 'subscriptions_project_fkey', onDelete: 'CASCADE' })
  projectId!: number;

  /** The instance of the notifier's plugin. */
  @Column('text')
  notifier!: string;

  /** Sealed: see `SecretBox`. */
  @Column('bytea')
  target!: Buffer;

  /** As much of the target as may be shown. */
  @Column('text')
  shown!: string;

  /** `failure`, `change` or `always`. */
  @Column('text')
  occasion!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
