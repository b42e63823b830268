import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** How often signing in failed of late, under one name or from one address. */
@Entity('sign_in_tries')
@Index('sign_in_tries_last_idx', ['lastAt'])
export class SignInTriesEntity {
  /** `name:` and a hash of the name that was given, or `address:` and where it came from. */
  @PrimaryColumn('text', { primaryKeyConstraintName: 'sign_in_tries_pkey' })
  key!: string;

  @Column('integer')
  failures!: number;

  @Column('timestamptz', { name: 'last_at' })
  lastAt!: Date;

  /** No try is looked at before. */
  @Column('timestamptz')
  until!: Date;
}
