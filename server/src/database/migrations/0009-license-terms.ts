import type { Migration } from './migration.ts';

/** What a licence pool may be used for, keys of its seats, seats kept for projects, what its own server counts; how it was used over time; bundles. */
export const licenseTerms: Migration = {
  id: '0009-license-terms',
  sql: `
alter table projects add column groups text[] not null default '{}';
alter table license_pools
  add column versions text,
  add column projects text[] not null default '{}',
  add column groups text[] not null default '{}',
  add column trusted_only boolean not null default false,
  add column hosts text[] not null default '{}',
  add column images text[] not null default '{}',
  add column on_withdrawal text not null default 'finish',
  add column key_use text not null default 'none',
  add column key_variable text,
  add column key_as text not null default 'value',
  add column server text,
  add column feature text,
  add column server_seats integer,
  add column outside integer not null default 0,
  add column checked_at timestamptz,
  add column problem text;
create table license_keys (
  id integer generated always as identity,
  pool_id integer not null,
  name text not null,
  value bytea not null,
  created_at timestamptz not null default now(),
  constraint license_keys_pkey primary key (id),
  constraint license_keys_pool_name_key unique (pool_id, name),
  constraint license_keys_pool_fkey foreign key (pool_id) references license_pools (id) on delete cascade
);
alter table license_leases add column key_id integer,
  add constraint license_leases_key_fkey foreign key (key_id) references license_keys (id) on delete set null;
create index license_leases_taken_idx on license_leases (pool_id, taken_at);
create table license_reservations (
  id integer generated always as identity,
  pool_id integer not null,
  project_id integer not null,
  seats integer not null,
  from_at timestamptz not null,
  until_at timestamptz not null,
  constraint license_reservations_pkey primary key (id),
  constraint license_reservations_pool_fkey foreign key (pool_id) references license_pools (id) on delete cascade,
  constraint license_reservations_project_fkey foreign key (project_id) references projects (id) on delete cascade
);
create index license_reservations_pool_idx on license_reservations (pool_id);
create table license_limits (
  id integer generated always as identity,
  pool_id integer not null,
  seats integer not null,
  at timestamptz not null default now(),
  constraint license_limits_pkey primary key (id),
  constraint license_limits_pool_fkey foreign key (pool_id) references license_pools (id) on delete cascade
);
create index license_limits_pool_idx on license_limits (pool_id, at);
insert into license_limits (pool_id, seats, at) select id, seats, created_at from license_pools;
create table license_waits (
  id integer generated always as identity,
  product text not null,
  job_id integer,
  attempt integer not null,
  project_id integer,
  at timestamptz not null default now(),
  constraint license_waits_pkey primary key (id),
  constraint license_waits_job_key unique (job_id, attempt, product),
  constraint license_waits_job_fkey foreign key (job_id) references jobs (id) on delete set null,
  constraint license_waits_project_fkey foreign key (project_id) references projects (id) on delete set null
);
create index license_waits_at_idx on license_waits (at);
create table bundles (
  id integer generated always as identity,
  name text not null,
  version text not null,
  format text not null,
  bytes bigint not null,
  sha256 text not null,
  license text,
  projects text[] not null default '{}',
  groups text[] not null default '{}',
  trusted_only boolean not null default false,
  note text not null default '',
  uploaded_by text not null,
  created_at timestamptz not null default now(),
  constraint bundles_pkey primary key (id),
  constraint bundles_name_version_key unique (name, version)
);
create table bundle_uses (
  id integer generated always as identity,
  bundle_id integer not null,
  attempt_id integer,
  job_id integer,
  project_id integer,
  at timestamptz not null default now(),
  constraint bundle_uses_pkey primary key (id),
  constraint bundle_uses_attempt_key unique (bundle_id, attempt_id),
  constraint bundle_uses_bundle_fkey foreign key (bundle_id) references bundles (id) on delete cascade,
  constraint bundle_uses_attempt_fkey foreign key (attempt_id) references attempts (id) on delete set null,
  constraint bundle_uses_job_fkey foreign key (job_id) references jobs (id) on delete set null,
  constraint bundle_uses_project_fkey foreign key (project_id) references projects (id) on delete set null
);
`,
};
