import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A machine that is ready or has a job; see `machine-rows.ts`. */
@Entity('machines')
export class MachineEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'machines_pkey' })
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

  @Column('text')
  state!: string;

  @Column('text', { nullable: true })
  reason!: string | null;

  @Column('uuid')
  owner!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'ready_at', default: () => 'now()' })
  readyAt!: Date;

  @Column('timestamptz', { default: () => 'now()' })
  since!: Date;
}
