import type { Migration } from './migration.ts';

/** A key that is replaced while jobs have it stays known until they end, so that their logs never show it. */
export const licenseKeysRetire: Migration = {
  id: '0013-license-keys-retire',
  sql: `
alter table license_keys add column retired boolean not null default false;
alter table license_keys drop constraint license_keys_pool_name_key;
create unique index license_keys_pool_name_key on license_keys (pool_id, name) where (not retired);
`,
};
