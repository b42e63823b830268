import type { Migration } from './migration.ts';

/** Private forks of Python: what they are called and built with, what they have published, which packages are tried on them. */
export const forks: Migration = {
  id: '0010-forks',
  sql: `
create table forks (
  project_id integer not null,
  name text not null,
  upstream text not null,
  configure text[] not null default '{}',
  tests text[],
  images text[] not null,
  created_at timestamptz not null default now(),
  constraint forks_pkey primary key (project_id),
  constraint forks_name_key unique (name),
  constraint forks_project_fkey foreign key (project_id) references projects (id) on delete cascade
);
create table fork_packages (
  fork_id integer not null,
  project_id integer not null,
  constraint fork_packages_pkey primary key (fork_id, project_id),
  constraint fork_packages_fork_fkey foreign key (fork_id) references forks (project_id) on delete cascade,
  constraint fork_packages_project_fkey foreign key (project_id) references projects (id) on delete cascade
);
create table interpreters (
  id integer generated always as identity,
  fork_id integer not null,
  revision text not null,
  branch text not null,
  image text not null,
  version text not null,
  sha256 text not null,
  bytes bigint not null,
  build_id integer,
  announced_at timestamptz,
  created_at timestamptz not null default now(),
  constraint interpreters_pkey primary key (id),
  constraint interpreters_fork_revision_image_key unique (fork_id, revision, image),
  constraint interpreters_fork_fkey foreign key (fork_id) references forks (project_id) on delete cascade,
  constraint interpreters_build_fkey foreign key (build_id) references builds (id) on delete set null
);
create table fork_builds (
  fork_id integer not null,
  revision text not null,
  project_id integer not null,
  build_id integer,
  problem text,
  created_at timestamptz not null default now(),
  constraint fork_builds_pkey primary key (fork_id, revision, project_id),
  constraint fork_builds_fork_fkey foreign key (fork_id) references forks (project_id) on delete cascade,
  constraint fork_builds_project_fkey foreign key (project_id) references projects (id) on delete cascade,
  constraint fork_builds_build_fkey foreign key (build_id) references builds (id) on delete set null
);
create index fork_builds_build_idx on fork_builds (build_id);
`,
};
