import type { Migration } from './migration.ts';

/**
 * One revision of a fork may be the head of several branches and tags, each at its own build; its row outlives its archive, for the sake of its report. Whether a build is told of is
 * said by the build itself. And what is looked at when something is deleted is found without reading all.
 */
export const forksAndIndexes: Migration = {
  id: '0012-forks-and-indexes',
  sql: `
alter table builds add column is_quiet boolean not null default false;
update builds b set is_quiet = true where exists (select 1 from fork_builds f where f.build_id = b.id);

create table interpreter_names (
  interpreter_id integer not null,
  name text not null,
  is_branch boolean not null,
  build_number integer not null,
  constraint interpreter_names_pkey primary key (interpreter_id, name),
  constraint interpreter_names_interpreter_fkey foreign key (interpreter_id) references interpreters (id) on delete cascade
);
insert into interpreter_names (interpreter_id, name, is_branch, build_number)
  select i.id, i.branch, b.change->>'tag' is null, coalesce(b.number, 0) from interpreters i left join builds b on b.id = i.build_id;
alter table interpreters drop column branch;
alter table interpreters alter column sha256 drop not null;

create index interpreters_build_idx on interpreters (build_id);
create index interpreters_new_idx on interpreters (fork_id, revision) where (announced_at is null);
create index fork_packages_project_idx on fork_packages (project_id);
create index fork_builds_project_idx on fork_builds (project_id);
create index license_leases_job_idx on license_leases (job_id);
create index license_leases_project_idx on license_leases (project_id);
create index license_leases_key_idx on license_leases (key_id);
create index license_waits_project_idx on license_waits (project_id);
create index bundle_uses_attempt_idx on bundle_uses (attempt_id);
create index bundle_uses_job_idx on bundle_uses (job_id);
create index bundle_uses_project_idx on bundle_uses (project_id);
`,
};
