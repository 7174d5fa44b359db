-- Why: the chamber keeps notes on a member, sorts members by tags of its own, and keeps groups of members chosen by hand.
-- Locks: members, member_views and member_changes, for an instant; member_changes while its rows are checked.
-- Previous release: still runs; it neither reads nor writes them, and shows a group chosen by hand as a view of all members.

-- Read by the chamber only: neither by the forces nor by the member itself, other than by a request for access.
create table member_notes (
  scheme_id   text not null references schemes,
  member_id   uuid not null,
  id          uuid not null,
  text        text not null check (length(text) between 1 and 1000),
  written_at  timestamptz not null,
  -- user:ID
  author      text not null,
  author_name text not null,
  edited_at   timestamptz,
  -- Kept for a day, so that the removal can be undone.
  removed_at  timestamptz,
  -- The import that wrote it, and whose undo deletes it.
  change_id   uuid,
  primary key (scheme_id, member_id, id),
  foreign key (scheme_id, member_id) references members on delete cascade
);
create index member_notes_removed on member_notes (removed_at) where removed_at is not null;
create index member_notes_change on member_notes (scheme_id, change_id) where change_id is not null;
grant select, insert, update, delete on member_notes to tocsin_app;
alter table member_notes enable row level security;
alter table member_notes force row level security;
create policy member_notes_own on member_notes to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete, maintain on member_notes to tocsin_service;
create policy member_notes_across on member_notes to tocsin_service using (true);

create table member_tags (
  scheme_id  text not null references schemes on delete cascade,
  id         uuid not null,
  name       text not null check (length(name) between 1 and 40),
  created_at timestamptz not null,
  -- Kept for a day, so that the removal can be undone.
  removed_at timestamptz,
  primary key (scheme_id, id)
);
create unique index member_tags_name on member_tags (scheme_id, lower(name)) where removed_at is null;
grant select, insert, update, delete on member_tags to tocsin_app;
alter table member_tags enable row level security;
alter table member_tags force row level security;
create policy member_tags_own on member_tags to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete, maintain on member_tags to tocsin_service;
create policy member_tags_across on member_tags to tocsin_service using (true);

alter table members add column tags uuid[] not null default '{}';

-- The members of a group chosen by hand; null: the view has filters only.
alter table member_views add column member_ids uuid[];

alter table member_changes drop constraint member_changes_kind_check;
alter table member_changes add constraint member_changes_kind_check
  check (kind in ('import', 'create', 'edit', 'suspend', 'resume', 'leave', 'trade', 'tags'));
