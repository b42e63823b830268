import type { Migration } from './migration.ts';

/** What an attempt's log says of its tests. */
export const testReports: Migration = {
  id: '0007-test-reports',
  sql: `
alter table attempts add column tests jsonb;
`,
};
