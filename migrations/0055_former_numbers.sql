-- Why: a STOP of a number that no contact has read every delivery to find the schemes that had written to it.
-- Locks: contacts, for an instant, while the function of its triggers is replaced.
-- Previous release: still runs; it reads the deliveries.

-- A number that a contact lost, or that stopped receiving SMS, and when: the schemes that a STOP from it may answer. Written by the
-- triggers of departures, as the owner, and deleted as old deliveries are. Nothing is filled in here: a STOP of a number that was
-- removed before this migration is ignored.
create table former_numbers (
  scheme_id text not null,
  phone     text not null,
  at        timestamptz not null,
  primary key (scheme_id, phone)
);
grant select on former_numbers to tocsin_app;
alter table former_numbers enable row level security;
create policy former_numbers_own on former_numbers to tocsin_app using (scheme_id = current_scheme());
alter table former_numbers force row level security;
grant select, insert, update, delete, maintain on former_numbers to tocsin_service;
create policy former_numbers_across on former_numbers to tocsin_service using (true);

create or replace function contacts_departed() returns trigger language plpgsql security definer
  set search_path = public, pg_temp as $$
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
  insert into former_numbers as known (scheme_id, phone, at)
  select distinct scheme_id, phone, statement_timestamp() from unnest(schemes, phones) as gone (scheme_id, phone)
  order by 1, 2
  on conflict (scheme_id, phone) do update set at = excluded.at;
  return null;
end $$;
