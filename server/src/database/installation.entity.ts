import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The installation itself: one row, made by the first start. What drivers make is tagged with its id. */
@Entity('installation')
export class InstallationEntity {
  @PrimaryColumn('uuid', { primaryKeyConstraintName: 'installation_pkey' })
  id!: string;

  @Column('timestamptz', { name: 'created_at', default: () => 'now()' })
  createdAt!: Date;
}

/** A value that a plugin's instance keeps. */
@Entity('plugin_values')
export class PluginValueEntity {
  @PrimaryColumn('text', { primaryKeyConstraintName: 'plugin_values_pkey' })
  instance!: string;

  @PrimaryColumn('text', { primaryKeyConstraintName: 'plugin_values_pkey' })
  key!: string;

  @Column('jsonb')
  value!: unknown;
}
