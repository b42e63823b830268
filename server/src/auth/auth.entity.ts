import { Column, Entity, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** An API token; the token itself is shown once and not kept. */
@Entity('tokens')
@Unique('tokens_hash_key', ['hash'])
export class TokenEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'tokens_pkey' })
  id!: number;

  @Column('text')
  name!: string;

  /** The first characters, by which its owner knows it again. */
  @Column('text')
  prefix!: string;

  /** SHA-256 of the token, which is random enough to need no salt. */
  @Column('bytea')
  hash!: Buffer;

  /** Whether its holder may be let into machines. */
  @Column('boolean', { name: 'may_shell', default: false })
  mayShell!: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;
}

/** A printed login link's code, good once. */
@Entity('login_codes')
export class LoginCodeEntity {
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'login_codes_pkey' })
  hash!: Buffer;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;
}

/** A browser's session, as connect-pg-simple keeps it. */
@Entity('sessions')
@Index('sessions_expire_idx', ['expire'])
export class SessionEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'sessions_pkey' })
  sid!: string;

  @Column('jsonb')
  sess!: unknown;

  @Column('timestamptz')
  expire!: Date;
}
