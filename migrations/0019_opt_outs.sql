-- Why: whoever says STOP, or leaves, gets nothing more at once, from what is being sent too; who took a number off or put it
-- back, when and how is kept as proof.
-- Locks: contacts and members, for an instant.
-- Previous release: goes on running; it withdraws nothing from what is being sent.

-- The proof. Added to, never changed.
create table opt_outs (
  scheme_id  text not null,
  id         uuid not null,
  member_id  uuid not null,
  contact_id uuid not null,
  -- E.164, as it was then.
  phone      text not null,
  -- False: takes no SMS from then on; true: takes them again.
  takes      boolean not null,
  how        text not null check (how in ('inbound', 'portal', 'chamber')),
  -- As the audit record names them.
  by         text not null,
  -- Why, as the chamber wrote it.
  reason     text,
  -- By which gateway the message of the phone came.
  gateway    text,
  at         timestamptz not null,
  primary key (scheme_id, id),
  check ((how = 'inbound') = (gateway is not null)),
  -- Nobody comes back by a message: that takes the chamber, the portal or an enrolment.
  check (not takes or how <> 'inbound'),
  foreign key (scheme_id, member_id) references members on delete cascade
);
create index opt_outs_member on opt_outs (scheme_id, member_id, at);
alter table opt_outs enable row level security;
create policy opt_outs_own on opt_outs to tocsin_app using (scheme_id = current_scheme());
grant select, insert on opt_outs to tocsin_app;

-- Numbers that just stopped taking messages, whoever changed that and how: the engine withdraws what is planned for them.
create table departures (
  scheme_id text not null,
  phone     text not null,
  at        timestamptz not null,
  -- How many times the engine has looked for what is planned for it, and when it looks next; null: never again.
  looks     smallint not null default 0,
  look_at   timestamptz,
  primary key (scheme_id, phone)
);
create index departures_due on departures (look_at) where look_at is not null;
alter table departures enable row level security;
create policy departures_own on departures to tocsin_app using (scheme_id = current_scheme());
-- The triggers write as the owner.
grant select on departures to tocsin_app;

-- Workers look at once when the transaction commits, and once a second for what a lost notification told.
create function note_departures(schemes text[], phones text[]) returns void language plpgsql as $$
begin
  if schemes is null then return; end if;
  insert into departures as known (scheme_id, phone, at, look_at)
  select distinct scheme_id, phone, statement_timestamp(), statement_timestamp() from unnest(schemes, phones) as gone (scheme_id, phone)
  order by 1, 2
  on conflict (scheme_id, phone) do update set at = excluded.at, looks = 0, look_at = excluded.look_at;
  perform pg_notify('tocsin_departures', '');
end $$;
revoke all on function note_departures(text[], text[]) from public;

create function contacts_departed() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
declare
  schemes text[]; phones text[];
begin
  if tg_op = 'DELETE' then
    select array_agg(scheme_id), array_agg(mobile) into schemes, phones from before where sms;
  else
    -- Set differences, as in contacts_replaced.
    with gone as (
      select scheme_id, mobile from before where sms except select scheme_id, mobile from after where sms
    )
    select array_agg(scheme_id), array_agg(mobile) into schemes, phones from gone;
  end if;
  perform note_departures(schemes, phones);
  return null;
end $$;
create trigger contacts_departed_updated after update on contacts referencing old table as before new table as after
  for each statement execute function contacts_departed();
create trigger contacts_departed_deleted after delete on contacts referencing old table as before
  for each statement execute function contacts_departed();

-- Only hash joins, over what the arrays narrow: see contacts_recount.
create function members_departed() returns trigger language plpgsql security definer
  set search_path = public, pg_temp set enable_nestloop = off set enable_mergejoin = off as $$
declare
  gone_schemes text[]; gone_ids uuid[]; schemes text[]; phones text[];
begin
  with gone as (
    select scheme_id, id from before where status = 'active' except select scheme_id, id from after where status = 'active'
  )
  select array_agg(distinct scheme_id), array_agg(id) into gone_schemes, gone_ids from gone;
  if gone_schemes is null then return null; end if;
  select array_agg(scheme_id), array_agg(mobile) into schemes, phones from contacts
  where scheme_id = any (gone_schemes) and member_id = any (gone_ids) and sms;
  perform note_departures(schemes, phones);
  return null;
end $$;
create trigger members_departed after update on members referencing old table as before new table as after
  for each statement execute function members_departed();
