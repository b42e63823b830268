import type { Migration } from './migration.ts';

/** Projects, builds, jobs, attempts, machines, and who may use them. */
export const core: Migration = {
  id: '0001-core',
  sql: `
create table installation (
  id uuid not null constraint installation_pkey primary key,
  created_at timestamptz not null default now()
);

create table plugin_values (
  instance text not null,
  key text not null,
  value jsonb not null,
  constraint plugin_values_pkey primary key (instance, key)
);

create table projects (
  id integer generated always as identity constraint projects_pkey primary key,
  name text not null constraint projects_name_key unique,
  url text not null,
  scm text not null,
  default_branch text,
  poll_seconds integer,
  polled_at timestamptz,
  poll_problem text,
  refs_known boolean not null default false,
  cancel_superseded boolean not null default false,
  credentials bytea,
  next_build integer not null default 1,
  created_at timestamptz not null default now()
);

create table project_secrets (
  project_id integer not null constraint project_secrets_project_fkey references projects (id) on delete cascade,
  name text not null,
  value bytea not null,
  constraint project_secrets_pkey primary key (project_id, name)
);

create table project_refs (
  project_id integer not null constraint project_refs_project_fkey references projects (id) on delete cascade,
  kind text not null,
  name text not null,
  commit text not null,
  constraint project_refs_pkey primary key (project_id, kind, name)
);

create table builds (
  id integer generated always as identity constraint builds_pkey primary key,
  project_id integer not null constraint builds_project_fkey references projects (id) on delete cascade,
  number integer not null,
  state text not null,
  change jsonb not null,
  branch text not null,
  description text,
  stages jsonb not null,
  messages jsonb not null,
  fast_finish boolean not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  finished_at timestamptz,
  constraint builds_project_number_key unique (project_id, number)
);
create index builds_unfinished_idx on builds (project_id, branch) where finished_at is null;

create table jobs (
  id integer generated always as identity constraint jobs_pkey primary key,
  build_id integer not null constraint jobs_build_fkey references builds (id) on delete cascade,
  project_id integer not null,
  position integer not null,
  stage_index integer not null,
  allow_failure boolean not null,
  spec jsonb not null,
  shape text not null,
  state text not null,
  reason text,
  attempt integer not null default 0,
  queued_at timestamptz,
  started_at timestamptz,
  finished_at timestamptz,
  constraint jobs_build_position_key unique (build_id, position)
);
create index jobs_queue_idx on jobs (project_id, shape, id) where state = 'queued';
create index jobs_unfinished_idx on jobs (build_id, stage_index) where finished_at is null;
create index jobs_outcomes_idx on jobs (build_id, state, stage_index, allow_failure);

create table attempts (
  id integer generated always as identity constraint attempts_pkey primary key,
  job_id integer not null constraint attempts_job_fkey references jobs (id) on delete cascade,
  number integer not null,
  state text not null,
  reason text,
  owner uuid,
  lease_until timestamptz,
  machine_id text,
  isolation text,
  cancel_requested boolean not null default false,
  cancel_reason text,
  started_at timestamptz,
  finished_at timestamptz,
  log_size bigint not null default 0,
  log_deleted boolean not null default false,
  constraint attempts_job_number_key unique (job_id, number)
);
create index attempts_live_idx on attempts (owner) where finished_at is null;
create index attempts_machine_idx on attempts (machine_id) where finished_at is null;
create index attempts_log_idx on attempts (finished_at) where not log_deleted;

create table steps (
  attempt_id integer not null constraint steps_attempt_fkey references attempts (id) on delete cascade,
  index integer not null,
  phase text not null,
  title text not null,
  started_at timestamptz not null,
  finished_at timestamptz,
  exit_code integer,
  start_offset bigint not null,
  end_offset bigint,
  start_line bigint not null,
  end_line bigint,
  spool_offset bigint not null,
  constraint steps_pkey primary key (attempt_id, index)
);

create table machines (
  id text not null constraint machines_pkey primary key,
  pool text not null,
  driver text not null,
  image text not null,
  state text not null,
  reason text,
  owner uuid not null,
  created_at timestamptz not null default now(),
  since timestamptz not null default now()
);

create table tokens (
  id integer generated always as identity constraint tokens_pkey primary key,
  name text not null,
  prefix text not null,
  hash bytea not null constraint tokens_hash_key unique,
  created_at timestamptz not null default now(),
  last_used_at timestamptz,
  expires_at timestamptz
);

create table login_codes (
  hash bytea not null constraint login_codes_pkey primary key,
  expires_at timestamptz not null
);

create table sessions (
  sid text not null constraint sessions_pkey primary key,
  sess jsonb not null,
  expire timestamptz not null
);
create index sessions_expire_idx on sessions (expire);
`,
};
