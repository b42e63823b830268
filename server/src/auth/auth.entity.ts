import { Column, Entity, ForeignKey, Index, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';
import { AccountEntity } from './accounts/account.entity.ts';

/** An API token; the token itself is shown once and not kept. */
@Entity('tokens')
@Unique('tokens_hash_key', ['hash'])
@Index('tokens_account_idx', ['accountId'])
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

  @Column('integer', { name: 'account_id' })
  @ForeignKey(() => AccountEntity, { name: 'tokens_account_fkey', onDelete: 'CASCADE' })
  accountId!: number;

  /** `TokenScope`s. */
  @Column('text', { array: true })
  scopes!: string[];

  /** The only projects that it may be used for; null: all that its owner may see. */
  @Column('integer', { array: true, nullable: true })
  projects!: number[] | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null;

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null;
}

/** The code of a link that is good once: a printed one that signs in, or an invitation that lets somebody set a password. */
@Entity('login_codes')
export class LoginCodeEntity {
  @PrimaryColumn('bytea', { primaryKeyConstraintName: 'login_codes_pkey' })
  hash!: Buffer;

  @Column('timestamptz', { name: 'expires_at' })
  expiresAt!: Date;

  @Column('integer', { name: 'account_id' })
  @ForeignKey(() => AccountEntity, { name: 'login_codes_account_fkey', onDelete: 'CASCADE' })
  accountId!: number;

  /** `sign-in`, or `password`: to set one. */
  @Column('text')
  purpose!: string;
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
