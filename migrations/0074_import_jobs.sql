-- Why: a long import is stored with its rows as they were checked, and continued where a restart stopped it.
-- Locks: member_changes, for an instant.
-- Previous release: still runs; it reverts at its start an import that this release had not finished.

-- A stored job continues the change after a stop of the program; an unfinished change without one is reverted then.
alter table member_changes add column by_job boolean not null default false;

-- The import of an uploaded list that is written in parts. Deleted when it is finished; kept with its failure until the list is
-- corrected, imported again or deleted.
create table member_import_jobs (
  scheme_id  text not null references schemes,
  import_id  uuid not null,
  -- What it writes, unfinished until it ends.
  change_id  uuid not null,
  -- That of the list when it was read: a correction or an erasure since ends the job.
  state_no   integer not null,
  -- Whether every row is stored; one that never is was stopped before it wrote a member.
  is_ready   boolean not null default false,
  total      integer not null default 0,
  -- Rows written; committed with what they wrote.
  done       integer not null default 0,
  created    integer not null default 0,
  updated    integer not null default 0,
  unchanged  integer not null default 0,
  -- Failures in a row that may pass.
  attempts   smallint not null default 0,
  -- The code of the error for which everything written is reverted.
  failure    text,
  started_at timestamptz not null,
  touched_at timestamptz not null,
  -- When everything written was reverted.
  ended_at   timestamptz,
  check (ended_at is null or failure is not null),
  primary key (scheme_id, import_id),
  foreign key (scheme_id, import_id) references member_imports on delete cascade
);
create index member_import_jobs_running on member_import_jobs (touched_at) where ended_at is null;
grant select, insert, update, delete on member_import_jobs to tocsin_app;
alter table member_import_jobs enable row level security;
create policy member_import_jobs_own on member_import_jobs to tocsin_app using (scheme_id = current_scheme());
alter table member_import_jobs force row level security;
grant select, insert, update, delete, maintain on member_import_jobs to tocsin_service;
create policy member_import_jobs_across on member_import_jobs to tocsin_service using (true);

-- A row of the list as it was checked and matched, in the order in which it is written.
create table member_import_job_rows (
  scheme_id  text not null,
  import_id  uuid not null,
  position   integer not null check (position > 0),
  -- The checked row, and the numbers that the whole list gives its member where several rows name it.
  content    jsonb not null,
  -- The member that it is about; null: it becomes a new one.
  member_id  uuid,
  is_joined  boolean not null,
  is_aside   boolean not null,
  -- The notice that its member receives, and whether it ends its alerts.
  notice     text check (notice in ('suspend', 'resume', 'leave')),
  is_leaving boolean not null,
  primary key (scheme_id, import_id, position),
  foreign key (scheme_id, import_id) references member_import_jobs on delete cascade
);
grant select, insert, update, delete on member_import_job_rows to tocsin_app;
alter table member_import_job_rows enable row level security;
create policy member_import_job_rows_own on member_import_job_rows to tocsin_app using (scheme_id = current_scheme());
alter table member_import_job_rows force row level security;
grant select, insert, update, delete, maintain on member_import_job_rows to tocsin_service;
create policy member_import_job_rows_across on member_import_job_rows to tocsin_service using (true);
