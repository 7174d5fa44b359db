-- Why: some columns had names of their own for what is elsewhere called notified, due, accessed or checked.
-- Locks: these tables, for an instant.
-- Previous release: end it first; it reads the former names.

alter table number_health rename column told_at to notified_at;
alter table held_back rename column tell_at to due_at;
alter table held_back rename column told_at to notified_at;
-- How the chamber warned the member in person; null: the program notified it.
alter table dues_notices rename column told to in_person;

alter table member_looks rename to member_accesses;
alter index member_looks_old rename to member_accesses_old;
alter policy member_looks_contact on member_accesses rename to member_accesses_contact;

alter table departures rename column looks to checks;
alter table departures rename column look_at to check_at;
create or replace function note_departures(schemes text[], phones text[]) returns void language plpgsql as $$
begin
  if schemes is null then return; end if;
  insert into departures as known (scheme_id, phone, at, check_at)
  select distinct scheme_id, phone, statement_timestamp(), statement_timestamp() from unnest(schemes, phones) as gone (scheme_id, phone)
  order by 1, 2
  on conflict (scheme_id, phone) do update set at = excluded.at, checks = 0, check_at = excluded.check_at;
  perform pg_notify('tocsin_departures', '');
end $$;

-- Stored views of the members that no notice reached.
update member_views set filter = filter || '{"status": "unnotified"}' where filter ->> 'status' = 'untold';
