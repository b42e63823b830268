import { Column, Entity, Index, PrimaryGeneratedColumn } from 'typeorm';

/** Something that somebody did and that must stay traceable. */
@Entity('audit')
@Index('audit_at_idx', ['at'])
export class AuditEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'audit_pkey' })
  id!: number;

  @Column('timestamptz', { default: () => 'now()' })
  at!: Date;

  /** The account's name, that of a token behind it. */
  @Column('text')
  who!: string;

  /** What was done: `shell.open`, `machine.hold`. */
  @Column('text')
  action!: string;

  /** To what: `job 12`. */
  @Column('text')
  target!: string;

  @Column('jsonb', { default: {} })
  details!: unknown;
}
