import type { Migration } from './migration.ts';

/** Licence pools and the leases of their seats. A lease outlives its attempt and its job, for the record: then it counts no more. */
export const licenses: Migration = {
  id: '0008-licenses',
  sql: `
create table license_pools (
  id integer generated always as identity,
  name text not null,
  product text not null,
  seats integer not null,
  most_per_project integer,
  quarantine_seconds integer not null default 0,
  valid_from date,
  valid_until date,
  cost_center text not null default '',
  created_at timestamptz not null default now(),
  constraint license_pools_pkey primary key (id),
  constraint license_pools_name_key unique (name)
);
create table license_leases (
  id integer generated always as identity,
  pool_id integer not null,
  attempt_id integer,
  job_id integer,
  project_id integer,
  state text not null default 'held',
  taken_at timestamptz not null default now(),
  released_at timestamptz,
  free_at timestamptz,
  constraint license_leases_pkey primary key (id),
  constraint license_leases_pool_fkey foreign key (pool_id) references license_pools (id) on delete cascade,
  constraint license_leases_attempt_fkey foreign key (attempt_id) references attempts (id) on delete set null,
  constraint license_leases_job_fkey foreign key (job_id) references jobs (id) on delete set null,
  constraint license_leases_project_fkey foreign key (project_id) references projects (id) on delete set null
);
create index license_leases_live_idx on license_leases (pool_id) where (state <> 'returned');
create index license_leases_attempt_idx on license_leases (attempt_id);
`,
};
