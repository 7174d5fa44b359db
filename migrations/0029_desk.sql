-- Why: the chamber keeps the filters that it comes back to, changes many members at once, and takes such a change back for a
-- day.
-- Locks: nothing; all tables are new.
-- Previous release: goes on running.

-- Filters of the list of members under a name. Of one person, or shared with those who keep the list.
create table member_views (
  scheme_id  text not null references schemes,
  id         uuid not null,
  -- As `actorName` writes whoever made it.
  owner      text not null,
  name       text not null check (name <> ''),
  shared     boolean not null,
  -- src/members/contract.ts, MemberFilter.
  filter     jsonb not null,
  created_at timestamptz not null,
  primary key (scheme_id, id)
);
create unique index member_views_name on member_views (scheme_id, owner, name);
alter table member_views enable row level security;
create policy member_views_own on member_views to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on member_views to tocsin_app;

-- What one act did to many members.
create table member_changes (
  scheme_id  text not null references schemes,
  id         uuid not null,
  kind       text not null check (kind in ('import', 'suspend', 'resume', 'leave', 'trade')),
  by         text not null,
  -- How that person is called on screens.
  by_name    text not null,
  at         timestamptz not null,
  -- The reason, the trade, the name of the file.
  note       text,
  created    integer not null,
  updated    integer not null,
  undone_at  timestamptz,
  undone_by  text,
  -- Members that the undoing put back, and those that it left because somebody had changed them since.
  restored   integer,
  kept       integer,
  primary key (scheme_id, id)
);
create index member_changes_at on member_changes (scheme_id, at);
alter table member_changes enable row level security;
create policy member_changes_own on member_changes to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on member_changes to tocsin_app;

-- One row a member that the change touched. No reference to members: one that was created may be deleted again.
create table member_change_rows (
  scheme_id text not null,
  change_id uuid not null,
  member_id uuid not null,
  -- Whether the change made it; then nothing was before.
  created   boolean not null,
  -- The member and its contacts as they were, and MD5 of what they were right after the change: both for a day.
  before    jsonb,
  print     text,
  -- What the undoing did; null: it was not undone.
  undoing   text check (undoing in ('restored', 'kept')),
  primary key (scheme_id, change_id, member_id),
  foreign key (scheme_id, change_id) references member_changes
);
create index member_change_rows_member on member_change_rows (scheme_id, member_id);
alter table member_change_rows enable row level security;
create policy member_change_rows_own on member_change_rows to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on member_change_rows to tocsin_app;
