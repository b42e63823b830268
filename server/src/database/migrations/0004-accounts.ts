import type { Migration } from './migration.ts';

/**
 * Accounts, what they may and how they sign in. Every installation begins with one, the admin of the printed link (id 1); tokens that were made before there were
 * accounts become his and may what they might. Sessions from before name no account: whoever had one signs in again.
 */
export const accounts: Migration = {
  id: '0004-accounts',
  sql: `
create table accounts (
  id integer generated always as identity constraint accounts_pkey primary key,
  name text not null,
  key text not null constraint accounts_key_key unique,
  display_name text not null default '',
  password text,
  role text,
  may_shell boolean not null default false,
  disabled boolean not null default false,
  roles_read_at timestamptz,
  created_at timestamptz not null default now(),
  seen_at timestamptz
);
insert into accounts (name, key, role, may_shell) values ('admin', 'admin', 'admin', true);

create table identities (
  provider text not null,
  host_id text not null,
  account_id integer not null constraint identities_account_fkey references accounts (id) on delete cascade,
  login text not null,
  linked boolean not null,
  created_at timestamptz not null default now(),
  constraint identities_pkey primary key (provider, host_id),
  constraint identities_account_key unique (account_id, provider)
);

create table project_roles (
  project_id integer not null constraint project_roles_project_fkey references projects (id) on delete cascade,
  account_id integer not null constraint project_roles_account_fkey references accounts (id) on delete cascade,
  source text not null,
  role text not null,
  constraint project_roles_pkey primary key (project_id, account_id, source)
);
create index project_roles_account_idx on project_roles (account_id);

alter table tokens add column account_id integer not null default 1 constraint tokens_account_fkey references accounts (id) on delete cascade;
alter table tokens alter column account_id drop default;
alter table tokens add column scopes text[] not null default '{admin}';
alter table tokens alter column scopes drop default;
update tokens set scopes = '{admin,shell}' where may_shell;
alter table tokens drop column may_shell;
alter table tokens add column projects integer[];
create index tokens_account_idx on tokens (account_id);

alter table login_codes add column account_id integer not null default 1 constraint login_codes_account_fkey references accounts (id) on delete cascade;
alter table login_codes alter column account_id drop default;
alter table login_codes add column purpose text not null default 'sign-in';
alter table login_codes alter column purpose drop default;

delete from sessions;

create table sign_in_tries (
  key text not null constraint sign_in_tries_pkey primary key,
  failures integer not null,
  last_at timestamptz not null,
  until timestamptz not null
);
create index sign_in_tries_last_idx on sign_in_tries (last_at);
`,
};
