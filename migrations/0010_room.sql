-- Why: two operators at once in the alert room. Who is on a report, what of a call is entered and not yet a report,
-- and which alerts the operator said are about another incident.
-- Locks: reports and alerts for an instant each (columns without a rewrite).
-- Previous release: still runs; it ignores the new columns and table.

alter table reports
  add column claimed_by_id text,
  add column claimed_by text,
  -- The last sign of activity: a claim without one for ten minutes is over.
  add column claimed_at timestamptz,
  add constraint reports_claim check ((claimed_by_id is null) = (claimed_at is null));

alter table alerts
  -- Alerts of the same half hour and place that the operator looked at before sending this one.
  add column near_confirmed uuid[] not null default '{}';

-- A call being entered: given back to the same person after a reload, on any machine. Gone once it is a report.
create table call_notes (
  scheme_id text not null references schemes,
  user_id   text not null,
  id        uuid not null,
  -- In the shape of the screen that wrote it.
  content   jsonb not null,
  version   integer not null default 1,
  saved_at  timestamptz not null,
  primary key (scheme_id, user_id, id)
);
create index call_notes_saved on call_notes (saved_at);
alter table call_notes enable row level security;
create policy call_notes_own on call_notes to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on call_notes to tocsin_app;
