import type { Migration } from './migration.ts';

/**
 * How single tests came out over time. A test's name is kept once for each project; an outcome is a narrow row, of which there are many. Outcomes are written in the order of attempts, so that those of
 * an attempt lie together; the few bad ones have an index of their own, from which flaky tests are found, and so have the slow ones.
 */
export const testHistory: Migration = {
  id: '0014-test-history',
  sql: `
alter table attempts add column coverage real;
alter table attempts add column test_notes jsonb not null default '[]';
create table tests (
  id integer generated always as identity,
  project_id integer not null,
  hash bytea not null,
  name text not null,
  constraint tests_pkey primary key (id),
  constraint tests_project_hash_key unique (project_id, hash),
  constraint tests_project_fkey foreign key (project_id) references projects (id) on delete cascade
);
create table test_runs (
  attempt_id integer not null,
  project_id integer not null,
  job text not null,
  interpreter text not null,
  commit text not null,
  branch text not null,
  is_cut boolean not null,
  at timestamptz not null default now(),
  constraint test_runs_pkey primary key (attempt_id),
  constraint test_runs_attempt_fkey foreign key (attempt_id) references attempts (id) on delete cascade,
  constraint test_runs_project_fkey foreign key (project_id) references projects (id) on delete cascade
);
create index test_runs_project_idx on test_runs (project_id, at);
create index test_runs_commit_idx on test_runs (project_id, commit, job);
create index test_runs_at_idx on test_runs (at);
create table test_outcomes (
  attempt_id integer not null,
  test_id integer not null,
  outcome smallint not null,
  milliseconds integer,
  constraint test_outcomes_pkey primary key (attempt_id, test_id),
  constraint test_outcomes_run_fkey foreign key (attempt_id) references test_runs (attempt_id) on delete cascade,
  constraint test_outcomes_test_fkey foreign key (test_id) references tests (id) on delete cascade
);
create index test_outcomes_test_idx on test_outcomes (test_id, attempt_id);
create index test_outcomes_bad_idx on test_outcomes (attempt_id) where (outcome >= 2);
create index test_outcomes_slow_idx on test_outcomes (attempt_id) where (milliseconds >= 100);
`,
};
