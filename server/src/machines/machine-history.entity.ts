import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** A machine that is gone: when it was what. */
@Entity('machine_lives')
@Index('machine_lives_gone_idx', ['goneAt'])
export class MachineLifeEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'machine_lives_pkey' })
  id!: string;

  @Column('text')
  pool!: string;

  @Column('text')
  driver!: string;

  @Column('text')
  image!: string;

  @Column('text', { nullable: true })
  host!: string | null;

  @Column('text', { name: 'image_digest', nullable: true })
  imageDigest!: string | null;

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date;

  /** Null where it failed before. */
  @Column('timestamptz', { name: 'ready_at', nullable: true })
  readyAt!: Date | null;

  @Column('timestamptz', { name: 'assigned_at', nullable: true })
  assignedAt!: Date | null;

  /** When its job was over. */
  @Column('timestamptz', { name: 'released_at', nullable: true })
  releasedAt!: Date | null;

  @Column('timestamptz', { name: 'gone_at' })
  goneAt!: Date;

  @Column('integer', { name: 'job_id', nullable: true })
  jobId!: number | null;

  /** Why it was destroyed, where that was not its job's end. */
  @Column('text', { nullable: true })
  reason!: string | null;
}

/** How a pool stood at a moment. */
@Entity('pool_samples')
@Index('pool_samples_at_idx', ['at'])
export class PoolSampleEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'pool_samples_pkey' })
  pool!: string;

  @PrimaryColumn('timestamptz', { primaryKeyConstraintName: 'pool_samples_pkey' })
  at!: Date;

  @Column('integer')
  ready!: number;

  @Column('integer')
  creating!: number;

  @Column('integer')
  busy!: number;

  /** Jobs that wait for a machine of this pool. */
  @Column('integer')
  waiting!: number;
}
