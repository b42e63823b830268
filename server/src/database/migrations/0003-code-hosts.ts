import type { Migration } from './migration.ts';

/** What code hosts tell us and are told: deliveries, whom a project trusts, approvals, what is still to be sent. */
export const codeHosts: Migration = {
  id: '0003-code-hosts',
  sql: `
alter table project_refs drop constraint project_refs_pkey;
alter table project_refs add constraint project_refs_pkey primary key (project_id, kind, name, commit);

alter table projects add column trust jsonb not null default '{}';
alter table projects add column hook_secret bytea;
alter table projects add column statuses text not null default 'none';

alter table builds add column trust text not null default 'trusted';
alter table builds add column trust_reason text;
alter table builds add column contributor text;
create index builds_branch_idx on builds (project_id, branch, number);
create index builds_held_idx on builds (project_id) where trust = 'held';

alter table project_secrets add column environment text not null default '';
alter table project_secrets drop constraint project_secrets_pkey;
alter table project_secrets add constraint project_secrets_pkey primary key (project_id, environment, name);

create table environments (
  project_id integer not null constraint environments_project_fkey references projects (id) on delete cascade,
  name text not null,
  branches jsonb not null,
  tags jsonb not null,
  constraint environments_pkey primary key (project_id, name)
);

create table deliveries (
  id integer generated always as identity constraint deliveries_pkey primary key,
  instance text not null,
  hook text not null,
  project_id integer constraint deliveries_project_fkey references projects (id) on delete cascade,
  host_id text,
  digest bytea not null,
  event text not null,
  headers jsonb not null,
  body bytea not null,
  state text not null default 'received',
  outcome text,
  received_at timestamptz not null default now(),
  processed_at timestamptz,
  constraint deliveries_host_id_key unique (instance, hook, host_id),
  constraint deliveries_digest_key unique (instance, hook, digest)
);
create index deliveries_received_idx on deliveries (id) where state = 'received';
create index deliveries_at_idx on deliveries (received_at);

create table contributors (
  project_id integer not null constraint contributors_project_fkey references projects (id) on delete cascade,
  name text not null,
  host_id text,
  added_by text not null,
  added_at timestamptz not null default now(),
  constraint contributors_pkey primary key (project_id, name)
);

create table approvals (
  id integer generated always as identity constraint approvals_pkey primary key,
  build_id integer not null constraint approvals_build_fkey references builds (id) on delete cascade,
  commit text not null,
  decision text not null,
  by text not null,
  via text not null,
  at timestamptz not null default now()
);
create index approvals_build_idx on approvals (build_id);

create table subscriptions (
  id integer generated always as identity constraint subscriptions_pkey primary key,
  project_id integer not null constraint subscriptions_project_fkey references projects (id) on delete cascade,
  notifier text not null,
  target bytea not null,
  shown text not null,
  occasion text not null,
  created_at timestamptz not null default now()
);
create index subscriptions_project_idx on subscriptions (project_id);

create table outbox (
  id integer generated always as identity constraint outbox_pkey primary key,
  project_id integer not null constraint outbox_project_fkey references projects (id) on delete cascade,
  build_id integer not null constraint outbox_build_fkey references builds (id) on delete cascade,
  channel text not null,
  key text not null,
  version integer not null default 1,
  sent_version integer not null default 0,
  tries integer not null default 0,
  next_at timestamptz not null default now(),
  told jsonb not null default '{}',
  problem text,
  gave_up boolean not null default false,
  created_at timestamptz not null default now(),
  sent_at timestamptz,
  constraint outbox_key unique (project_id, channel, key)
);
create index outbox_due_idx on outbox (next_at) where sent_version < version and not gave_up;
create index outbox_build_idx on outbox (build_id);
`,
};
