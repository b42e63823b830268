import type { Migration } from './migration.ts';

/** Deliveries are of a repository, of which one is worked on at a time; hints have a time at which they are followed. */
export const turnsAndHints: Migration = {
  id: '0006-turns-and-hints',
  sql: `
alter table deliveries add column repository text;
create index deliveries_turn_idx on deliveries (instance, repository, id) where state = 'received';
alter table projects add column look_at timestamptz;
`,
};
