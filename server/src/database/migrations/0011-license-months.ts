import type { Migration } from './migration.ts';

/** How licences were used in months that are over, and ways to the leases of some time without reading all of them. */
export const licenseMonths: Migration = {
  id: '0011-license-months',
  sql: `
create table license_months (
  month date not null,
  product text not null,
  seats integer not null,
  peak integer not null,
  leases integer not null,
  seat_hours double precision not null,
  refusals integer not null,
  constraint license_months_pkey primary key (month, product)
);
create index license_leases_released_idx on license_leases (released_at);
create index license_leases_free_idx on license_leases (free_at) where (free_at is not null);
`,
};
