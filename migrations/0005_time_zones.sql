-- Why: hours, days and months are those of the scheme's territory, overseas too. Until now they were those of mainland France.
-- Locks: schemes, for an instant.
-- Previous release: unaffected; it keeps calling the form of next_local_time without a zone.

-- Null: the zone of mainland France, which only src/message/clock.ts names.
alter table schemes add column time_zone text;

with first as (
  select id, case when territory ->> 'kind' = 'union' then territory -> 'areas' -> 0 else territory end as area from schemes
), located as (
  select id, case area ->> 'kind'
    when 'communes' then area -> 'codes' ->> 0
    when 'epci' then (select min(c.code) from communes c where c.epci_code = area ->> 'code')
    when 'region' then (select min(c.code) from communes c where c.region_code = area ->> 'code')
    else area ->> 'code' end as code
  from first
)
update schemes s set time_zone = z.name
from located l join (values
  ('971', 'America/Guadeloupe'), ('972', 'America/Martinique'), ('973', 'America/Cayenne'), ('974', 'Indian/Reunion'),
  ('975', 'America/Miquelon'), ('976', 'Indian/Mayotte'), ('977', 'America/St_Barthelemy'), ('978', 'America/Marigot'),
  ('986', 'Pacific/Wallis'), ('987', 'Pacific/Tahiti'), ('988', 'Pacific/Noumea')) as z (prefix, name)
  on left(l.code, 3) = z.prefix
where s.id = l.id;

-- The time zone of a scheme; null for that of mainland France. It runs as the owner: rooms below the schemes and contacts of
-- members need the zone, and it reveals nothing that the territory does not.
create function scheme_time_zone(scheme text) returns text language sql stable parallel safe security definer
  set search_path = public, pg_temp
  return (select time_zone from schemes where id = scheme);
revoke all on function scheme_time_zone(text) from public;
grant execute on function scheme_time_zone(text) to tocsin_app, tocsin_contact;

-- The first instant after another at which clocks in a time zone show so many minutes after midnight.
create function next_local_time(after timestamptz, minutes integer, zone text) returns timestamptz
  language sql stable parallel safe
  return (
    select (case when wanted > here then wanted else wanted + interval '1 day' end) at time zone zone
    from (select after at time zone zone as here) clock,
      lateral (select date_trunc('day', here) + make_interval(mins => minutes) as wanted) moment);
