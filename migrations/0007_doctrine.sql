-- Why: the doctrine of a scheme, and what it asks before an alert may leave: answers, the prosecutor's authorisation, a
-- second person, a reason outside one's zone. Every step of an alert is kept.
-- Locks: schemes, alerts and broadcasts shortly.
-- Previous release: no longer runs (it knows none of the new states).

-- What this scheme sets otherwise than src/schemes/doctrine.ts does; {}: nothing.
alter table schemes add column doctrine jsonb not null default '{}';

alter table alerts
  -- Whether there is an offence, whether the suspects are arrested (null: not answered), and what the text may tell.
  add column doctrine jsonb not null default '{"offence": null, "arrested": null, "level": "established"}',
  -- Accounts that wrote any of it: none of them approves it.
  add column author_ids text[] not null default '{}',
  -- The agency that last wrote it, for which it would leave; whether the place is outside its zone, and then in whose.
  add column agency_id uuid,
  add column outside_zone boolean not null default false,
  add column zone_agency_id uuid,
  add column outside_zone_reason text,
  -- The last time it was laid before a second person, with the hash of the content then.
  add column submitted_at timestamptz,
  add column submitted_by text,
  add column submitted_hash text,
  -- What was answered, or the override; null while none was.
  add column decision text check (decision in ('returned', 'rejected', 'approved', 'overridden')),
  add column decided_at timestamptz,
  add column decided_by text,
  add column decided_by_id text,
  add column decision_reason text,
  -- Of an override: open until another person signs.
  add column review text check (review in ('open', 'justified', 'not_justified')),
  add column reviewed_at timestamptz,
  add column reviewed_by text,
  add column review_note text,
  drop constraint alerts_state_check,
  add constraint alerts_state_check check (state in ('draft', 'submitted', 'returned', 'rejected', 'approved',
    'broadcasting', 'active', 'updated', 'ended', 'cancelled', 'expired', 'discarded')),
  add constraint alerts_zone check (zone_agency_id is null or outside_zone),
  add constraint alerts_submission check ((submitted_at is null) = (submitted_hash is null)),
  add constraint alerts_decision check ((decision is null) = (decided_at is null)),
  add constraint alerts_review check ((review is not null) = (decision is not distinct from 'overridden')),
  add constraint alerts_reviewed check ((reviewed_at is null) = (review is null or review = 'open')),
  add foreign key (scheme_id, agency_id) references agencies,
  add foreign key (scheme_id, zone_agency_id) references agencies;

-- A report has one alert at most that has not left and still could.
drop index alerts_draft;
create unique index alerts_unsent on alerts (scheme_id, report_id)
  where state in ('draft', 'submitted', 'returned', 'approved');
create index alerts_review_open on alerts (scheme_id, ordered_at) where review = 'open';

-- What a magistrate agreed to, word for word: it holds for the content of this hash and for no other.
create table authorisations (
  scheme_id    text not null references schemes,
  id           uuid not null,
  alert_id     uuid not null,
  magistrate   text not null,
  -- "Parquet de Clermont-Ferrand".
  service      text not null,
  given_at     timestamptz not null,
  -- What it covers, in the magistrate's words.
  scope        text not null,
  content_hash text not null,
  recorded_at  timestamptz not null,
  recorded_by  text not null,
  void_at      timestamptz,
  void_why     text check (void_why in ('changed', 'replaced')),
  check ((void_at is null) = (void_why is null)),
  primary key (scheme_id, id),
  foreign key (scheme_id, alert_id) references alerts
);
create unique index authorisations_in_force on authorisations (scheme_id, alert_id) where void_at is null;
create index authorisations_alert on authorisations (scheme_id, alert_id, recorded_at);
alter table authorisations enable row level security;
create policy authorisations_own on authorisations to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on authorisations to tocsin_app;

-- Every step of an alert that its own columns do not tell. Added to, never changed.
create table alert_events (
  scheme_id text not null references schemes,
  alert_id  uuid not null,
  seq       bigint generated always as identity,
  at        timestamptz not null,
  kind      text not null,
  -- As people read it; null: nobody did it.
  by        text,
  reason    text,
  -- Names and figures for the text of the event.
  details   jsonb not null default '{}',
  primary key (scheme_id, alert_id, seq),
  foreign key (scheme_id, alert_id) references alerts
);
alter table alert_events enable row level security;
create policy alert_events_own on alert_events to tocsin_app using (scheme_id = current_scheme());
grant select, insert on alert_events to tocsin_app;

-- The hash of the content that was ordered; null: not the content of an alert (a closing message, an answer).
alter table broadcasts add column content_hash text;

-- What leaves is what was ordered: nothing that a phone or a provider sees of it changes afterwards.
create function broadcast_content_is_fixed() returns trigger language plpgsql as $$
begin
  raise exception 'the content of a broadcast is fixed' using errcode = 'insufficient_privilege';
end $$;
create trigger broadcasts_content_fixed
  before update of alert_id, text, encoding, parts, sender, content_hash on broadcasts
  for each row execute function broadcast_content_is_fixed();
