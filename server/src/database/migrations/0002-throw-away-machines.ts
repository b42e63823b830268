import type { Migration } from './migration.ts';

/** Machines of images and hosts: their history, how the pools stood, how strictly jobs are kept apart, and who was let into a machine. */
export const throwAwayMachines: Migration = {
  id: '0002-throw-away-machines',
  sql: `
alter table projects add column isolation text not null default 'none';
alter table projects add column shell_with_secrets boolean not null default false;

alter table jobs add column hold_minutes integer;

alter table attempts add column host text;
alter table attempts add column image text;
alter table attempts add column image_digest text;
alter table attempts add column lost boolean not null default false;
alter table attempts add column denied jsonb not null default '[]';
alter table attempts add column held_until timestamptz;
create index attempts_held_idx on attempts (machine_id) where held_until is not null;

alter table machines add column host text;
alter table machines add column image_digest text;
alter table machines add column ready_at timestamptz not null default now();

create table machine_lives (
  id text not null constraint machine_lives_pkey primary key,
  pool text not null,
  driver text not null,
  image text not null,
  host text,
  image_digest text,
  created_at timestamptz not null,
  ready_at timestamptz,
  assigned_at timestamptz,
  released_at timestamptz,
  gone_at timestamptz not null,
  job_id integer,
  reason text
);
create index machine_lives_gone_idx on machine_lives (gone_at);

create table pool_samples (
  pool text not null,
  at timestamptz not null,
  ready integer not null,
  creating integer not null,
  busy integer not null,
  waiting integer not null,
  constraint pool_samples_pkey primary key (pool, at)
);
create index pool_samples_at_idx on pool_samples (at);

alter table tokens add column may_shell boolean not null default false;

create table audit (
  id integer generated always as identity constraint audit_pkey primary key,
  at timestamptz not null default now(),
  who text not null,
  action text not null,
  target text not null,
  details jsonb not null default '{}'
);
create index audit_at_idx on audit (at);
`,
};
