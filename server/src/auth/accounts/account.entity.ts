import { Column, Entity, ForeignKey, PrimaryColumn, PrimaryGeneratedColumn, Unique } from 'typeorm';

/** Somebody who may sign in. */
@Entity('accounts')
@Unique('accounts_key_key', ['key'])
export class AccountEntity {
  @PrimaryGeneratedColumn('identity', { type: 'integer', generatedIdentity: 'ALWAYS', primaryKeyConstraintName: 'accounts_pkey' })
  id!: number;

  @Column('text')
  name!: string;

  /** The name in small letters: no two accounts differ in case only. */
  @Column('text')
  key!: string;

  @Column('text', { name: 'display_name', default: '' })
  displayName!: string;

  /** Argon2id in PHC form; null: there is no password that fits. */
  @Column('text', { nullable: true })
  password!: string | null;

  /** For the whole installation: a `Role`, or null. */
  @Column('text', { nullable: true })
  role!: string | null;

  @Column('boolean', { name: 'may_shell', default: false })
  mayShell!: boolean;

  @Column('boolean', { default: false })
  disabled!: boolean;

  /** When its roles were last read from code hosts. */
  @Column('timestamptz', { name: 'roles_read_at', nullable: true })
  rolesReadAt!: Date | null;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;

  @Column('timestamptz', { name: 'seen_at', nullable: true })
  seenAt!: Date | null;
}

/** Who an account is at a code host. The host's own number counts; logins change and are given to others. */
@Entity('identities')
@Unique('identities_account_key', ['accountId', 'provider'])
export class IdentityEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'identities_pkey' })
  provider!: string;

  @PrimaryColumn('text', { name: 'host_id', primaryKeyConstraintName: 'identities_pkey' })
  hostId!: string;

  @Column('integer', { name: 'account_id' })
  @ForeignKey(() => AccountEntity, { name: 'identities_account_fkey', onDelete: 'CASCADE' })
  accountId!: number;

  /** As it was at the last sign-in. */
  @Column('text')
  login!: string;

  /** Its owner linked it himself: then it lets him in whatever the rules for newcomers say. */
  @Column('boolean')
  linked!: boolean;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}
