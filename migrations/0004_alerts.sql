-- Why: the call to 17, the decision taken on it, and the alert that follows.
-- Locks: nothing; all tables are new.
-- Previous release: none.

create table reports (
  scheme_id        text not null references schemes,
  id               uuid not null,
  category_code    text not null,
  commune_code     text not null references communes,
  place            text,
  called_at        timestamptz not null,
  occurred_at      timestamptz not null,
  -- Written when the call came more than an hour after the offence.
  late_reason      text,
  caller_phone     text,
  caller_name      text,
  caller_member_id uuid,
  facts            text,
  agency_id        uuid,
  state            text not null check (state in ('waiting', 'broadcast', 'refused')),
  refusal_code     text,
  refusal_note     text,
  decided_at       timestamptz,
  decided_by       text,
  created_at       timestamptz not null,
  created_by       text not null,
  check ((state = 'refused') = (refusal_code is not null)),
  check ((state = 'waiting') = (decided_at is null)),
  primary key (scheme_id, id),
  foreign key (scheme_id, category_code) references categories,
  foreign key (scheme_id, caller_member_id) references members (scheme_id, id)
);
create index reports_called on reports (scheme_id, called_at desc);
create index reports_waiting on reports (scheme_id, called_at) where state = 'waiting';
alter table reports enable row level security;
create policy reports_own on reports to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on reports to tocsin_app;

-- The last reference given in a scheme and year: 0142 in 63-26-0142.
create table alert_counters (
  scheme_id text not null references schemes,
  year      smallint not null,
  last      integer not null,
  primary key (scheme_id, year)
);
alter table alert_counters enable row level security;
create policy alert_counters_own on alert_counters to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on alert_counters to tocsin_app;

create table alerts (
  scheme_id     text not null references schemes,
  id            uuid not null,
  reference     text not null,
  report_id     uuid not null,
  category_code text not null,
  severity      text not null check (severity in ('vital', 'alert', 'notice')),
  text          text not null,
  -- The Area chosen, as chosen: what it resolved to is the snapshot of the broadcast.
  area          jsonb not null,
  area_label    text not null,
  -- Trades addressed; empty: all trades of the scheme.
  trades        text[] not null,
  -- Fixed at creation: a simulated alert can only take a simulated route.
  simulated     boolean not null,
  state         text not null check (state in ('draft', 'broadcasting', 'active', 'ended', 'cancelled', 'expired', 'discarded')),
  -- Counts every change of what would be sent: an order names the version it was given for.
  version       integer not null default 1,
  expires_at    timestamptz not null,
  created_at    timestamptz not null,
  created_by    text not null,
  -- The last change of what would be sent; null: as first written.
  changed_at    timestamptz,
  changed_by    text,
  ordered_at    timestamptz,
  ordered_by    text,
  closed_at     timestamptz,
  closed_by     text,
  primary key (scheme_id, id),
  unique (scheme_id, reference),
  foreign key (scheme_id, report_id) references reports,
  foreign key (scheme_id, category_code) references categories
);
create index alerts_created on alerts (scheme_id, created_at desc);
create index alerts_open on alerts (scheme_id, expires_at) where state in ('broadcasting', 'active');
create index alerts_report on alerts (scheme_id, report_id);
-- A report has one draft at most: composing again goes on with it.
create unique index alerts_draft on alerts (scheme_id, report_id) where state = 'draft';
alter table alerts enable row level security;
create policy alerts_own on alerts to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on alerts to tocsin_app;
