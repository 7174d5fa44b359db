-- Why: exercises that cannot reach a real phone; incidents linked into series; alerts proposed to other schemes; a mark
-- in the reference that tells to whom a copy was sent.
-- Locks: reports, alerts and broadcasts while their constraints are checked.
-- Previous release: goes on running; it makes no exercise.

-- An exercise is one from the report on, and stays one: an alert is of the kind of its report, an exercise is
-- simulated, and a broadcast takes the kind of route of its alert. None of it can be written otherwise.
alter table reports add column exercise boolean not null default false;
alter table reports add constraint reports_kind unique (scheme_id, id, exercise);
alter table alerts add column exercise boolean not null default false;
alter table alerts add constraint alerts_kind_of_report
  foreign key (scheme_id, report_id, exercise) references reports (scheme_id, id, exercise);
alter table alerts add constraint alerts_exercise_simulated check (simulated or not exercise);
alter table alerts add constraint alerts_exercise_said check (not exercise or text like 'EXERCICE %');
alter table alerts add constraint alerts_kind unique (scheme_id, id, simulated);
alter table broadcasts add constraint broadcasts_kind_of_alert
  foreign key (scheme_id, alert_id, simulated) references alerts (scheme_id, id, simulated);

-- Who received an SMS asks by its reference alone, whatever the scheme.
create index alerts_reference on alerts (reference);

-- Whether each recipient of an alert gets a mark behind its reference: decided when it is begun.
alter table alerts add column traced boolean not null default false;
-- The key that makes the mark of the number of the delivery, and where in the text it is written. Both, or none.
alter table broadcasts add column mark_key bigint;
alter table broadcasts add column mark_at smallint check ((mark_key is null) = (mark_at is null));

-- Incidents that somebody holds for the work of the same people.
create table series (
  scheme_id  text not null references schemes,
  id         uuid not null,
  -- Null: called by its category and places.
  title      text,
  created_at timestamptz not null,
  created_by text not null,
  primary key (scheme_id, id)
);
alter table series enable row level security;
create policy series_own on series to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on series to tocsin_app;

-- A report is in one series at most.
create table series_reports (
  scheme_id text not null references schemes,
  report_id uuid not null,
  series_id uuid not null,
  added_at  timestamptz not null,
  added_by  text not null,
  primary key (scheme_id, report_id),
  foreign key (scheme_id, report_id) references reports,
  foreign key (scheme_id, series_id) references series on delete cascade
);
create index series_reports_of on series_reports (scheme_id, series_id);
alter table series_reports enable row level security;
create policy series_reports_own on series_reports to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on series_reports to tocsin_app;

-- Two reports of which somebody said that they do not belong together: they are not proposed again.
create table series_apart (
  scheme_id text not null references schemes,
  report_id uuid not null,
  other_id  uuid not null check (report_id < other_id),
  said_at   timestamptz not null,
  said_by   text not null,
  primary key (scheme_id, report_id, other_id),
  foreign key (scheme_id, report_id) references reports,
  foreign key (scheme_id, other_id) references reports
);
alter table series_apart enable row level security;
create policy series_apart_own on series_apart to tocsin_app using (scheme_id = current_scheme());
grant select, insert, delete on series_apart to tocsin_app;

-- An alert proposed to another scheme, with a copy of all that the other scheme is told of it: this row is the only
-- one that two schemes see.
create table relays (
  id             uuid primary key,
  from_scheme_id text not null references schemes,
  from_alert_id  uuid not null,
  -- The name of the scheme that it comes from: the row of a scheme is for its own people only.
  from_name      text not null,
  to_scheme_id   text not null references schemes check (to_scheme_id <> from_scheme_id),
  state          text not null check (state in ('proposed', 'accepted', 'declined', 'withdrawn')),
  note           text,
  reference      text not null,
  text           text not null,
  category_code  text not null,
  label_fr       text not null,
  label_en       text not null,
  severity       text not null check (severity in ('vital', 'alert', 'notice')),
  level          text not null check (level in ('prevention', 'established', 'precise')),
  commune_code   text not null references communes,
  called_at      timestamptz not null,
  occurred_at    timestamptz not null,
  exercise       boolean not null,
  proposed_at    timestamptz not null,
  proposed_by    text not null,
  decided_at     timestamptz,
  decided_by     text,
  decline_reason text,
  -- The report that it became there.
  to_report_id   uuid,
  check ((state = 'proposed') = (decided_at is null)),
  check ((state = 'accepted') = (to_report_id is not null)),
  foreign key (from_scheme_id, from_alert_id) references alerts (scheme_id, id),
  foreign key (to_scheme_id, to_report_id) references reports (scheme_id, id)
);
create unique index relays_once on relays (from_scheme_id, from_alert_id, to_scheme_id)
  where state in ('proposed', 'accepted');
create index relays_in on relays (to_scheme_id, proposed_at desc);
create unique index relays_report on relays (to_scheme_id, to_report_id);
alter table relays enable row level security;
create policy relays_of_two on relays to tocsin_app
  using (from_scheme_id = current_scheme() or to_scheme_id = current_scheme());
grant select, insert, update on relays to tocsin_app;
