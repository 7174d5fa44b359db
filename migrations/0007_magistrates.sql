-- Why: the magistrate named by an authorisation is chosen from a list, notified of it, and confirms or denies it.
-- Locks: authorisations and one_time_codes, for an instant.
-- Previous release: keeps running; it records authorisations under typed names, which nobody confirms.

-- A named contact of the prosecutor's office, for magistrates without an account.
create table magistrates (
  scheme_id  text not null references schemes,
  id         uuid not null,
  name       text not null check (name <> ''),
  -- "Parquet de Clermont-Ferrand".
  service    text not null check (service <> ''),
  mail       text,
  phone      text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  created_at timestamptz not null,
  created_by text not null,
  -- Removed from the list; what was recorded under the name can still be confirmed or denied.
  removed_at timestamptz,
  primary key (scheme_id, id),
  check (mail is not null or phone is not null)
);
alter table magistrates enable row level security;
create policy magistrates_own on magistrates to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on magistrates to tocsin_app;

-- The account or the contact; null: recorded by the magistrate, or under a typed name before this list existed.
alter table authorisations add column magistrate_id text;
-- Null: nobody was asked, because the magistrate recorded it, or in an exercise.
alter table authorisations add column confirmation text check (confirmation in ('pending', 'confirmed', 'denied'));
alter table authorisations add column answered_at timestamptz;
alter table authorisations add column answer_note text;
alter table authorisations add check ((confirmation in ('confirmed', 'denied')) = (answered_at is not null) or confirmation is null);
create index authorisations_magistrate on authorisations (scheme_id, magistrate_id, recorded_at) where magistrate_id is not null;
alter table authorisations drop constraint authorisations_void_why_check;
alter table authorisations add constraint authorisations_void_why_check check (void_why in ('changed', 'replaced', 'denied'));

alter table one_time_codes drop constraint one_time_codes_purpose_check;
alter table one_time_codes add constraint one_time_codes_purpose_check
  check (purpose in ('enrolment', 'sign_in', 'phone_change', 'authorisation'));

-- The accounts with a role in the current scheme, for rooms that may not read accounts: name, service and mail only.
create function role_accounts(wanted text) returns table (id text, name text, service text, mail text) language sql stable
  security definer set search_path = public, pg_temp as $$
  select u.id, u.name, coalesce(a.name, s.name), u.email
  from grants g
  join "user" u on u.id = g.user_id
  join schemes s on s.id = g.scheme_id
  left join agencies a on a.scheme_id = g.scheme_id and a.id = g.agency_id
  where g.scheme_id = current_scheme() and g.role = wanted and u.disabled_at is null
$$;
revoke all on function role_accounts(text) from public;
grant execute on function role_accounts(text) to tocsin_app;
