-- Why: merchants sign in by a code by SMS, see the alerts that were sent to them, and say that they read them. Whoever is a
-- contact of a member is no account with a role any more: the role "member" ends.
-- Locks: grants and one_time_codes for an instant; the rest is new.
-- Previous release: stops signing people in (it reads grants.member_id); what it sends goes on.

delete from grants where role = 'member';
alter table grants
  drop column member_id,
  drop constraint grants_role_check,
  add constraint grants_role_check check (role in ('operator', 'chief', 'magistrate', 'chamber', 'trade_chamber'));

-- Whoever holds a phone, proved by a code that it got. Which members that phone is a contact of is read anew each time, over
-- all schemes: so the owner alone sees this table.
create table contact_sessions (
  id         uuid primary key,
  -- SHA-256 of what the browser holds.
  token_hash text not null unique,
  -- E.164 with the plus sign.
  phone      text not null,
  created_at timestamptz not null,
  used_at    timestamptz not null,
  expires_at timestamptz not null
);
create index contact_sessions_phone on contact_sessions (phone);
create index contact_sessions_expires on contact_sessions (expires_at);

-- An address counts over all schemes where a request does not say which one it is about.
drop index one_time_codes_address;
create index one_time_codes_address on one_time_codes (address_hash, created_at);

-- A second restricted role, for what a contact reads: rows of its own member only, and only the columns that it may see.
do $$ begin
  if not exists (select from pg_roles where rolname = 'tocsin_contact') then
    create role tocsin_contact nologin noinherit;
  end if;
  execute format('grant tocsin_contact to %I', current_user);
end $$;
grant usage on schema public to tocsin_contact;
grant select on communes to tocsin_contact;

-- The member of the current transaction; null outside one of a contact, so that every policy below then hides every row.
create function current_member() returns uuid language sql stable parallel safe
  return nullif(current_setting('tocsin.member', true), '')::uuid;

create policy schemes_contact on schemes for select to tocsin_contact using (id = current_scheme());
grant select (id, name, sender) on schemes to tocsin_contact;
create policy categories_contact on categories for select to tocsin_contact using (scheme_id = current_scheme());
grant select (scheme_id, code, label_fr, label_en, severity, position, active) on categories to tocsin_contact;
create policy members_contact on members for select to tocsin_contact
  using (scheme_id = current_scheme() and id = current_member());
grant select (scheme_id, id, name, siret, naf, trade, commune_code, address, status, created_at, updated_at, quiet_from, quiet_to)
  on members to tocsin_contact;
create policy contacts_contact on contacts for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, member_id, person, mobile, mail, sms, position) on contacts to tocsin_contact;

-- Which of some members a message of an alert was for: a delivery is its own, or went to a phone that it shared with another
-- member of the audience when it was one already; or the member was left in peace, and reads it when it wants to. None of an
-- exercise. As the owner, since whose deliveries they are is not for a contact to see; of the scheme of the transaction only.
create function message_receivers(broadcast uuid, members uuid[]) returns setof uuid language sql stable security definer
  set search_path = public, pg_temp as $$
  with message as (
    select b.scheme_id, b.id, b.alert_id, b.ordered_at from broadcasts b
    join alerts a on a.scheme_id = b.scheme_id and a.id = b.alert_id and a.ordered_at is not null and not a.exercise
    where b.scheme_id = current_scheme() and b.id = broadcast
  )
  select d.member_id from message m join deliveries d on d.scheme_id = m.scheme_id and d.broadcast_id = m.id
  where d.member_id = any (members) and d.state <> 'withdrawn'
  union
  select o.member_id from message m
    join contacts o on o.scheme_id = m.scheme_id and o.member_id = any (members) and o.shared and o.sms
    join members owner on owner.scheme_id = o.scheme_id and owner.id = o.member_id and owner.created_at <= m.ordered_at
    join deliveries d on d.scheme_id = m.scheme_id and d.broadcast_id = m.id and d.phone = o.mobile and d.state <> 'withdrawn'
  union
  select h.member_id from message m join held_back h on h.scheme_id = m.scheme_id and h.alert_id = m.alert_id
  where h.member_id = any (members)
$$;
revoke all on function message_receivers(uuid, uuid[]) from public;
grant execute on function message_receivers(uuid, uuid[]) to tocsin_app, tocsin_contact;

-- The messages that reached it; of an alert, what people wrote for the file stays out of sight.
create policy broadcasts_contact on broadcasts for select to tocsin_contact
  using (scheme_id = current_scheme() and alert_id is not null
    and kind in ('first', 'update', 'correction', 'all_clear', 'closing', 'thanks')
    and exists (select from message_receivers(id, array[current_member()])));
grant select (scheme_id, id, alert_id, kind, text, ordered_at) on broadcasts to tocsin_contact;
create policy alerts_contact on alerts for select to tocsin_contact
  using (scheme_id = current_scheme() and exists (
    select from broadcasts b where b.scheme_id = alerts.scheme_id and b.alert_id = alerts.id and b.kind = 'first'));
grant select (scheme_id, id, reference, category_code, severity, area_label, state, ordered_at, closed_at) on alerts to tocsin_contact;

-- "J'ai bien lu": once a contact and alert.
create table alert_reads (
  scheme_id  text not null references schemes,
  alert_id   uuid not null,
  contact_id uuid not null,
  member_id  uuid not null,
  read_at    timestamptz not null,
  primary key (scheme_id, alert_id, contact_id),
  foreign key (scheme_id, alert_id) references alerts
);
create index alert_reads_member on alert_reads (scheme_id, member_id);
alter table alert_reads enable row level security;
create policy alert_reads_own on alert_reads to tocsin_app using (scheme_id = current_scheme());
grant select on alert_reads to tocsin_app;
create policy alert_reads_contact on alert_reads to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member())
  with check (scheme_id = current_scheme() and member_id = current_member()
    and exists (select from contacts c where c.scheme_id = alert_reads.scheme_id and c.id = contact_id)
    and exists (select from alerts a where a.scheme_id = alert_reads.scheme_id and a.id = alert_id));
grant select, insert on alert_reads to tocsin_contact;
