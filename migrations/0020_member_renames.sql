-- Why: a name that a member gives its business appears in SMS of the scheme, so the chamber accepts it first.
-- Locks: none.
-- Previous release: still runs; a member renames its business at once.

-- The name that a business asked for, one at most.
create table member_renames (
  scheme_id   text not null references schemes,
  member_id   uuid not null,
  name        text not null,
  asked_at    timestamptz not null,
  -- contact:ID
  asked_by    text not null,
  -- Null: it waits. A declined one stays, so that the business reads of it.
  declined_at timestamptz,
  primary key (scheme_id, member_id),
  foreign key (scheme_id, member_id) references members on delete cascade
);
create index member_renames_waiting on member_renames (scheme_id, asked_at) where declined_at is null;
grant select, insert, update, delete on member_renames to tocsin_app;
alter table member_renames enable row level security;
create policy member_renames_own on member_renames to tocsin_app using (scheme_id = current_scheme());
