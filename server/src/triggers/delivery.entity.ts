import { Column, Entity, ForeignKey, Index, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { ProjectEntity } from '../projects/project.entity.ts';

/** One call of a webhook whose signature was good, and what came of it. */
@Entity('deliveries')
@Unique('deliveries_host_id_key', ['hostId', 'hook', 'instance'])
@Unique('deliveries_digest_key', ['digest', 'hook', 'instance'])
@Index('deliveries_received_idx', ['id'], { where: "(state = 'received'::text)" })
@Index('deliveries_turn_idx', ['instance', 'repository', 'id'], { where: "(state = 'received'::text)" })
@Index('deliveries_at_idx', ['receivedAt'])
export class DeliveryEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'deliveries_pkey' })
  id!: number;

  /** The instance of the code host's plugin. */
  @Column('text')
  instance!: string;

  /** The repository that it is about, as `ScmProvider.identify` has it; null where it is about none. */
  @Column('text', { nullable: true })
  repository!: string | null;

  /** Which hook was called: `instance`, or `project:7`. An event is delivered once to each. */
  @Column('text')
  hook!: string;

  /** The project whose hook it is; null for the instance's. */
  @Column('integer', { name: 'project_id', nullable: true })
  @ForeignKey(() => ProjectEntity, { name: 'deliveries_project_fkey', onDelete: 'CASCADE' })
  projectId!: number | null;

  /** The host's own id of it. */
  @Column('text', { name: 'host_id', nullable: true })
  hostId!: string | null;

  /** SHA-256 of the body: the id is not signed, the body is. */
  @Column('bytea')
  digest!: Buffer;

  /** What the host calls the event. */
  @Column('text')
  event!: string;

  @Column('jsonb')
  headers!: unknown;

  @Column('bytea')
  body!: Buffer;

  /** A `DeliveryState`. */
  @Column('text', { default: 'received' })
  state!: string;

  /** What came of it, in words. */
  @Column('text', { nullable: true })
  outcome!: string | null;

  @Column('timestamptz', { name: 'received_at', default: () => 'now()' })
  receivedAt!: Date;

  @Column('timestamptz', { name: 'processed_at', nullable: true })
  processedAt!: Date | null;
}
