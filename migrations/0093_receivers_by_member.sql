-- Why: whom a message was for is asked for each alert that a member opens its portal on. All deliveries of each message were kept
-- aside to look for the member among them: 1.85 ms of 3,333, and a page of the portal has some fifty messages. Those of other
-- members are passed over where they are read now; who is looked for is found first.
-- Locks: the function, for an instant.
-- Previous release: goes on running.

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
  ), sent as materialized (
    -- The offset keeps the planner from joining members with all deliveries before those of the message are found.
    select m.ordered_at, d.member_id, d.phone from message m cross join lateral (
      select member_id, phone from deliveries
      where scheme_id = m.scheme_id and broadcast_id = m.id and state <> 'withdrawn'
        -- An "or" of two is looked up in hashes, and never a join, however many members are asked for (an array is read through).
        and (member_id in (select id from asked) or member_id in (select holder from shared)) offset 0) d
  )
  select a.as_id from asked a where exists (select from sent s where s.member_id = a.id)
  union
  select o.member_id from shared o
  where exists (select from sent s where s.member_id = o.holder and s.phone = o.mobile and o.since <= s.ordered_at)
  union
  select h.member_id from message m join held_back h on h.scheme_id = m.scheme_id and h.alert_id = m.alert_id
  where h.member_id = any (message_receivers.members)
$$;
