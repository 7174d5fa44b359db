-- Why: every order asks whether the names of the scheme's members changed since the guard read them, which counted all
-- members each time. A counter for each scheme says it.
-- Locks: members, for an instant: three triggers.
-- Previous release: goes on running; it reads nothing of this.

-- How many times names of members came, changed or left. No row: never since this table exists.
create table member_names (
  scheme_id text primary key,
  changes   bigint not null
);
alter table member_names enable row level security;
create policy member_names_own on member_names to tocsin_app using (scheme_id = current_scheme());
-- The triggers write as the owner.
grant select on member_names to tocsin_app;

create function member_names_count(schemes text[]) returns void language sql as $$
  insert into member_names as counter
  select id, 1 from (select distinct unnest(schemes) as id order by 1) scheme
  on conflict (scheme_id) do update set changes = counter.changes + 1
$$;
revoke all on function member_names_count(text[]) from public;

create function member_names_changed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform member_names_count(array(select distinct scheme_id from changed));
  return null;
end $$;

create function member_names_replaced() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform member_names_count(array(
    (select scheme_id from (select scheme_id, id, name from before except select scheme_id, id, name from after) gone)
    union
    (select scheme_id from (select scheme_id, id, name from after except select scheme_id, id, name from before) come)));
  return null;
end $$;

create trigger member_names_inserted after insert on members referencing new table as changed
  for each statement execute function member_names_changed();
create trigger member_names_deleted after delete on members referencing old table as changed
  for each statement execute function member_names_changed();
create trigger member_names_updated after update on members referencing old table as before new table as after
  for each statement execute function member_names_replaced();
