import type { Migration } from './migration.ts';

/** What is built need not be a fork: a Python as it was released is compared with nothing. And python-build may be what builds it. */
export const releasedPythons: Migration = {
  id: '0015-released-pythons',
  sql: `
alter table forks alter column upstream drop not null;
alter table forks add column definition text;
`,
};
