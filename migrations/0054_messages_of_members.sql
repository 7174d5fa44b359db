-- Why: the messages of a member are found by the numbers that it shares, not by reading every member's; and whom a service
-- message was for is kept with it. No index of deliveries by member: it cost the sending of 100,000 some 10 %.
-- Locks: none to speak of.
-- Previous release: goes on running; whom its service messages are for is not kept.

-- As it was, but that a delivery to a shared number is found by those whose number it is.
create or replace function message_receivers(broadcast uuid, members uuid[]) returns setof uuid language sql stable security definer
  set search_path = public, pg_temp as $$
  with message as (
    select b.scheme_id, b.id, b.alert_id, b.ordered_at from broadcasts b
    join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id and a.ordered_at is not null and not a.exercise
    where b.scheme_id = current_scheme() and b.id = broadcast
  ), asked (id, as_id) as (
    select one, one from unnest(members) one
    union all
    select p.id, p.merged_into from members p where p.scheme_id = current_scheme() and p.merged_into = any (message_receivers.members)
  ), shared (member_id, mobile, since, holder) as (
    select o.member_id, o.mobile, owner.created_at, h.id from contacts o
    join members owner on owner.scheme_id = o.scheme_id and owner.id = o.member_id
    join contacts c on c.scheme_id = o.scheme_id and c.mobile = o.mobile
    cross join lateral (
      select c.member_id as id
      union all
      select p.id from members p where p.scheme_id = c.scheme_id and p.merged_into = c.member_id) h
    where o.scheme_id = current_scheme() and o.member_id = any (message_receivers.members) and o.shared and o.sms
  )
  select a.as_id from message m join asked a on true
  where exists (select from deliveries d
    where d.scheme_id = m.scheme_id and d.broadcast_id = m.id and d.member_id = a.id and d.state <> 'withdrawn')
  union
  select o.member_id from message m join shared o on o.since <= m.ordered_at
  where exists (select from deliveries d
    where d.scheme_id = m.scheme_id and d.broadcast_id = m.id and d.member_id = o.holder and d.phone = o.mobile
      and d.state <> 'withdrawn')
  union
  select h.member_id from message m join held_back h on h.scheme_id = m.scheme_id and h.alert_id = m.alert_id
  where h.member_id = any (message_receivers.members)
$$;

-- Members of the group of a service message that was ordered, who could get it.
create table service_message_receivers (
  scheme_id  text not null,
  message_id uuid not null,
  member_id  uuid not null,
  primary key (scheme_id, message_id, member_id),
  foreign key (scheme_id, message_id) references service_messages on delete cascade
);
create index service_message_receivers_member on service_message_receivers (scheme_id, member_id);
alter table service_message_receivers enable row level security;
create policy service_message_receivers_own on service_message_receivers to tocsin_app using (scheme_id = current_scheme());
grant select, insert on service_message_receivers to tocsin_app;
