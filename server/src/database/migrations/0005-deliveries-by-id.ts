import type { Migration } from './migration.ts';

/**
 * Deliveries are looked for by what tells them apart first. All of a busy hook begin with the same instance and hook: with these in front, PostgreSQL took either
 * index for a look at one delivery and went through all that ever came, until it had statistics.
 */
export const deliveriesById: Migration = {
  id: '0005-deliveries-by-id',
  sql: `
alter table deliveries
  drop constraint deliveries_host_id_key,
  drop constraint deliveries_digest_key,
  add constraint deliveries_host_id_key unique (host_id, hook, instance),
  add constraint deliveries_digest_key unique (digest, hook, instance);
`,
};
