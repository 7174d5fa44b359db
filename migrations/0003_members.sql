-- Why: the members of a scheme and how to reach them.
-- Locks: nothing; all tables are new.
-- Previous release: none.

create table members (
  scheme_id    text not null references schemes,
  id           uuid not null,
  name         text not null,
  search_name  text not null,
  siret        text check (siret ~ '^[0-9]{14}$'),
  naf          text,
  -- Trade group (src/schemes/trades.ts) that the NAF code leads to, or as chosen by the chamber.
  trade        text not null check (trade <> ''),
  commune_code text not null references communes,
  address      text,
  latitude     double precision,
  longitude    double precision,
  status       text not null check (status in ('pending', 'active', 'suspended', 'left')),
  created_at   timestamptz not null,
  updated_at   timestamptz not null,
  -- Contacts reachable by SMS whose number no other member of the scheme shares: lets an audience of a
  -- million members be counted exactly without reading the contacts. Kept by the trigger below.
  sms_contacts smallint not null default 0,
  check ((latitude is null) = (longitude is null)),
  primary key (scheme_id, id)
);
create unique index members_siret on members (scheme_id, siret) where siret is not null;
create index members_audience on members (scheme_id, commune_code, trade) include (id, sms_contacts) where status = 'active';
-- Members inside a circle, by their own point.
create index members_point on members (scheme_id, latitude, longitude) include (id, commune_code, trade, sms_contacts)
  where status = 'active' and latitude is not null;
create index members_name on members (scheme_id, search_name, id);
alter table members enable row level security;
create policy members_own on members to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on members to tocsin_app;

create table contacts (
  scheme_id  text not null,
  id         uuid not null,
  member_id  uuid not null,
  person     text not null,
  -- E.164 with the plus sign.
  mobile     text check (mobile ~ '^\+[1-9][0-9]{6,14}$'),
  mail       text,
  -- Receives alerts by SMS: has a mobile and did not opt out.
  sms        boolean not null,
  -- Another member of the scheme has the same mobile (an owner of two shops). Kept by the trigger below:
  -- an audience then takes each shared number once.
  shared     boolean not null default false,
  position   smallint not null default 0,
  check (not sms or mobile is not null),
  primary key (scheme_id, id),
  foreign key (scheme_id, member_id) references members on delete cascade
);
create unique index contacts_member_mobile on contacts (scheme_id, member_id, mobile);
create index contacts_mobile on contacts (scheme_id, mobile);
create index contacts_shared on contacts (scheme_id, member_id) include (mobile, id) where shared and sms;
alter table contacts enable row level security;
create policy contacts_own on contacts to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on contacts to tocsin_app;

-- Counts again what the numbers and members of a change decide: which contacts share their number with another
-- member, then how many each member has that do not. Status plays no part.
-- Until a new scheme has statistics the planner takes it for empty, and would read it once a row: only hash joins
-- here, and every table is narrowed by the arrays, so that each statement costs what the change is worth.
create function contacts_recount(schemes text[], mobiles text[], member_ids uuid[]) returns void language plpgsql
  set enable_nestloop = off set enable_mergejoin = off as $$
begin
  -- Two writers that give one number to two members at once would each miss the other's: one at a time a scheme.
  -- What comes after the lock sees what the other committed.
  perform pg_advisory_xact_lock(hashtextextended('contacts:' || s.id, 0)) from (select unnest(schemes) as id order by 1) s;

  with numbers as (
    select scheme_id, mobile, count(distinct member_id) filter (where sms) > 1 as shared
    from contacts where scheme_id = any (schemes) and mobile = any (mobiles)
    group by scheme_id, mobile
  )
  update contacts c set shared = n.shared from numbers n
  where c.scheme_id = any (schemes) and c.mobile = any (mobiles)
    and c.scheme_id = n.scheme_id and c.mobile = n.mobile and c.shared <> n.shared;

  member_ids := array(
    select unnest(member_ids)
    union
    select member_id from contacts where scheme_id = any (schemes) and mobile = any (mobiles));

  with counts as (
    select m.scheme_id, m.id, count(c.id) as solo
    from members m left join contacts c
      on c.scheme_id = m.scheme_id and c.member_id = m.id and c.sms and not c.shared
        and c.scheme_id = any (schemes) and c.member_id = any (member_ids)
    where m.scheme_id = any (schemes) and m.id = any (member_ids)
    group by m.scheme_id, m.id
  )
  update members m set sms_contacts = n.solo from counts n
  where m.scheme_id = any (schemes) and m.id = any (member_ids)
    and m.scheme_id = n.scheme_id and m.id = n.id and m.sms_contacts <> n.solo;
end $$;

-- Also fires inside the deletion of a member (the cascade is a trigger itself): others may share its numbers.
create function contacts_changed() returns trigger language plpgsql as $$
declare
  schemes text[]; mobiles text[]; member_ids uuid[];
begin
  select array_agg(distinct scheme_id), array_agg(distinct mobile) filter (where mobile is not null),
    array_agg(distinct member_id)
  into schemes, mobiles, member_ids from changed;
  if schemes is not null then perform contacts_recount(schemes, coalesce(mobiles, '{}'), member_ids); end if;
  return null;
end $$;

-- Only rows whose number, consent or owner changed count, so the update of "shared" above, which fires this again,
-- ends here.
create function contacts_replaced() returns trigger language plpgsql as $$
declare
  schemes text[]; mobiles text[]; member_ids uuid[];
begin
  -- Set differences: a join of the two would keep the plan of the first, perhaps tiny, update of a connection.
  with changed as (
    (select scheme_id, id, mobile, sms, member_id from before except select scheme_id, id, mobile, sms, member_id from after)
    union all
    (select scheme_id, id, mobile, sms, member_id from after except select scheme_id, id, mobile, sms, member_id from before)
  )
  select array_agg(distinct scheme_id), array_agg(distinct mobile) filter (where mobile is not null),
    array_agg(distinct member_id)
  into schemes, mobiles, member_ids from changed;
  if schemes is not null then perform contacts_recount(schemes, coalesce(mobiles, '{}'), member_ids); end if;
  return null;
end $$;
create trigger contacts_inserted after insert on contacts referencing new table as changed
  for each statement execute function contacts_changed();
create trigger contacts_deleted after delete on contacts referencing old table as changed
  for each statement execute function contacts_changed();
create trigger contacts_updated after update on contacts referencing old table as before new table as after
  for each statement execute function contacts_replaced();

-- The active members of a scheme, counted: an audience by name is the sum of a few cells however many members there
-- are. A cell of one commune and trade; '' for the commune, or for the trade, sums up all of them (one of the two).
-- Kept by the triggers below; a cell that nobody is in any more stays, at zero.
create table audience_cells (
  scheme_id    text not null,
  commune_code text not null,
  trade        text not null,
  -- Sum of members.sms_contacts; members where it is not zero; members in all.
  sms_contacts integer not null,
  reachable    integer not null,
  members      integer not null,
  primary key (scheme_id, commune_code, trade)
);
create index audience_cells_communes on audience_cells (scheme_id, commune_code) where trade = '';
create index audience_cells_trades on audience_cells (scheme_id) where commune_code = '';
alter table audience_cells enable row level security;
create policy audience_cells_own on audience_cells to tocsin_app using (scheme_id = current_scheme());
-- The triggers write as the owner.
grant select on audience_cells to tocsin_app;

-- Writers of one scheme's members and contacts go one at a time, from before the first row that they lock: what the
-- triggers then touch (numbers that others share, counts of others, cells) cannot lie in the way of another writer
-- that waits for a row of theirs. Readers and alerts do not wait.
create function members_take_turns() returns trigger language plpgsql as $$
begin
  if current_scheme() is not null then
    perform pg_advisory_xact_lock(hashtextextended('contacts:' || current_scheme(), 0));
  end if;
  return null;
end $$;
create trigger members_turn before insert or update or delete on members
  for each statement execute function members_take_turns();
create trigger contacts_turn before insert or update or delete on contacts
  for each statement execute function members_take_turns();

-- Adds to the cells, and to those that sum them up. In one order for all writers.
create function audience_add(changes audience_cells[]) returns void language sql as $$
  insert into audience_cells as cell
  select scheme_id, coalesce(commune_code, ''), coalesce(trade, ''), sum(sms_contacts), sum(reachable), sum(members)
  from unnest(changes)
  group by grouping sets ((scheme_id, commune_code, trade), (scheme_id, commune_code), (scheme_id, trade))
  having sum(sms_contacts) <> 0 or sum(reachable) <> 0 or sum(members) <> 0
  order by 1, 2, 3
  on conflict (scheme_id, commune_code, trade) do update set
    sms_contacts = cell.sms_contacts + excluded.sms_contacts,
    reachable = cell.reachable + excluded.reachable,
    members = cell.members + excluded.members
$$;
revoke all on function audience_add(audience_cells[]) from public;

create function members_changed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  sign integer := case tg_op when 'DELETE' then -1 else 1 end;
begin
  perform audience_add(array(
    select row (scheme_id, commune_code, trade, sign * sum(sms_contacts),
      sign * count(*) filter (where sms_contacts > 0), sign * count(*))::audience_cells
    from changed where status = 'active' group by scheme_id, commune_code, trade));
  return null;
end $$;

create function members_replaced() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  perform audience_add(array(
    select row (scheme_id, commune_code, trade, sum(sign * sms_contacts),
      coalesce(sum(sign) filter (where sms_contacts > 0), 0), sum(sign))::audience_cells
    from (
      select 1 as sign, scheme_id, commune_code, trade, status, sms_contacts from after
      union all
      select -1, scheme_id, commune_code, trade, status, sms_contacts from before
    ) both_sides
    where status = 'active' group by scheme_id, commune_code, trade));
  return null;
end $$;
create trigger members_inserted after insert on members referencing new table as changed
  for each statement execute function members_changed();
create trigger members_deleted after delete on members referencing old table as changed
  for each statement execute function members_changed();
create trigger members_updated after update on members referencing old table as before new table as after
  for each statement execute function members_replaced();

-- For the writers of thousands of rows, between members and contacts: the foreign key's check of a connection keeps
-- the plan it had when the table was small (read it whole, once a contact) until new statistics undo it. Only the
-- owner may analyze, hence its rights; it says nothing of what the tables hold.
create function analyze_members() returns void language plpgsql security definer set search_path = public, pg_temp as $$
begin
  analyze members;
  analyze contacts;
  analyze audience_cells;
end $$;
revoke all on function analyze_members() from public;
grant execute on function analyze_members() to tocsin_app;
