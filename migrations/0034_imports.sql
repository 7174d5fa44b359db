-- Why: a list of members is laid down to be corrected in place before it is imported from the console.
-- Locks: nothing; all tables are new.
-- Previous release: goes on running.

-- One file that somebody is importing. Forgotten with its rows a day after it was last touched; its rows once it is applied.
create table member_imports (
  scheme_id  text not null references schemes,
  id         uuid not null,
  -- As `actorName` writes whoever gave it: nobody else sees it.
  owner      text not null,
  file_name  text not null,
  format     text not null check (format in ('csv', 'xlsx')),
  sha256     text not null,
  headers    text[] not null,
  -- The line of the file that the headers stand on.
  header_line integer not null,
  -- What each column holds (src/members/import/columns.ts); null: nothing is taken from it.
  fields     text[] not null,
  rows       integer not null,
  created_at timestamptz not null,
  touched_at timestamptz not null,
  -- Counts of the last check; null: not checked as it stands.
  report     jsonb,
  applied_at timestamptz,
  change_id  uuid,
  primary key (scheme_id, id),
  check (applied_at is not null or change_id is null)
);
create index member_imports_touched on member_imports (touched_at);
alter table member_imports enable row level security;
create policy member_imports_own on member_imports to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on member_imports to tocsin_app;

create table member_import_rows (
  scheme_id text not null,
  import_id uuid not null,
  line      integer not null,
  -- The cells, as text, in the order of the headers.
  cells     jsonb not null,
  -- Left out by whoever imports.
  dropped   boolean not null default false,
  edited    boolean not null default false,
  -- What is wrong with it by the last check; null: nothing.
  problems  jsonb,
  primary key (scheme_id, import_id, line),
  foreign key (scheme_id, import_id) references member_imports on delete cascade
);
create index member_import_rows_bad on member_import_rows (scheme_id, import_id, line) where problems is not null or dropped;
alter table member_import_rows enable row level security;
create policy member_import_rows_own on member_import_rows to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on member_import_rows to tocsin_app;
