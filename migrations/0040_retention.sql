-- Why: personal data leaves when its time is over, and who looked at the file of a member is on record.
-- Locks: members, for an instant: a column without a default to write.
-- Previous release: goes on running.

-- When a member that left was emptied of what tells who it was.
alter table members add column erased_at timestamptz;
create index members_left on members (updated_at) where status = 'left' and erased_at is null;

-- Who opened the file of a member: once in ten minutes, a year.
create table member_looks (
  scheme_id text not null,
  member_id uuid not null,
  user_id   text not null,
  -- As they were called then.
  name      text not null,
  role      text not null,
  at        timestamptz not null,
  primary key (scheme_id, member_id, at, user_id),
  foreign key (scheme_id, member_id) references members on delete cascade
);
create index member_looks_old on member_looks (at);
alter table member_looks enable row level security;
create policy member_looks_own on member_looks to tocsin_app using (scheme_id = current_scheme());
grant select, insert on member_looks to tocsin_app;
