-- Why: hundreds of merchants look at one alert in the seconds in which it leaves: who it was for is asked of that alert alone.
-- Locks: alerts for an instant.
-- Previous release: goes on running.

create index alerts_ordered on alerts (scheme_id, ordered_at desc, id desc) where ordered_at is not null;

-- Whether an alert was for the member of the transaction. As a function, with what it costs said: the planner asks it of the
-- rows that are wanted, in place of finding out all of them first.
create function alert_received(alert uuid) returns boolean language sql stable security definer cost 10000
  set search_path = public, pg_temp as $$
  select exists (
    select from broadcasts b cross join lateral message_receivers(b.id, array[current_member()]) r (id)
    where b.scheme_id = current_scheme() and b.alert_id = alert and b.kind = 'first')
$$;
revoke all on function alert_received(uuid) from public;
grant execute on function alert_received(uuid) to tocsin_contact;
alter policy alerts_contact on alerts using (scheme_id = current_scheme() and alert_received(id));
