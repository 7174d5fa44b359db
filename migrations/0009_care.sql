-- Why: members are not to be tired: quiet hours, a weekly budget, what was held back and told in the morning; copies to
-- the observers of the State; an answer to the caller of a refused report.
-- Locks: members while two of its indexes are built anew; broadcasts shortly; the rest is new.
-- Previous release: runs on.

-- Minutes after midnight in Europe/Paris, from (included) to (excluded), over midnight when from is after to. Null: the
-- hours of the scheme. From equal to to: none at all.
alter table members add column quiet_from smallint check (quiet_from between 0 and 1439);
alter table members add column quiet_to smallint check (quiet_to between 0 and 1439);
alter table members add constraint members_quiet_both check ((quiet_from is null) = (quiet_to is null));
-- With the hours, so that an audience is still counted from the index alone.
drop index members_audience;
create index members_audience on members (scheme_id, commune_code, trade)
  include (id, sms_contacts, quiet_from, quiet_to) where status = 'active';
drop index members_point;
create index members_point on members (scheme_id, latitude, longitude)
  include (id, commune_code, trade, sms_contacts, quiet_from, quiet_to) where status = 'active' and latitude is not null;
-- Those with hours of their own: an audience is counted as if all had the scheme's, then these are set right.
create index members_quiet on members (scheme_id, commune_code, trade)
  include (id, sms_contacts, quiet_from, quiet_to) where status = 'active' and quiet_from is not null;

-- When each number last got an alert, newest first: in all (the last four) and by severity (as many as a budget may
-- be). Written from the ledger a moment after a broadcast, or by whoever asks first (see solicited_broadcasts), so that
-- the order to broadcast does not pay for it.
create table solicitations (
  scheme_id text not null references schemes,
  phone     text not null,
  latest    timestamptz[] not null,
  alert     timestamptz[] not null,
  notice    timestamptz[] not null,
  primary key (scheme_id, phone)
);
-- Those who got two or more of late are few: they are found without reading the others.
create index solicitations_second on solicitations (scheme_id, (latest[2])) where latest[2] is not null;
create index solicitations_first on solicitations (scheme_id, (latest[1]));
alter table solicitations enable row level security;
create policy solicitations_own on solicitations to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on solicitations to tocsin_app;

-- The broadcasts whose recipients are counted in `solicitations`, each once.
create table solicited_broadcasts (
  scheme_id    text not null references schemes,
  broadcast_id uuid not null,
  ordered_at   timestamptz not null,
  primary key (scheme_id, broadcast_id)
);
alter table solicited_broadcasts enable row level security;
create policy solicited_broadcasts_own on solicited_broadcasts to tocsin_app using (scheme_id = current_scheme());
grant select, insert, delete on solicited_broadcasts to tocsin_app;
create index broadcasts_ordered on broadcasts (scheme_id, ordered_at);

-- Recipients whom an alert left in peace, with why; told in a digest once `tell_at` has come.
create table held_back (
  scheme_id    text not null,
  alert_id     uuid not null,
  phone        text not null,
  contact_id   uuid not null,
  member_id    uuid not null,
  commune_code text not null,
  trade        text not null,
  reason       text not null check (reason in ('quiet', 'fatigue')),
  held_at      timestamptz not null,
  tell_at      timestamptz not null,
  told_at      timestamptz,
  -- The digest that told it; null with told_at: nothing was to be told any more.
  broadcast_id uuid,
  primary key (scheme_id, alert_id, phone),
  foreign key (scheme_id, alert_id) references alerts,
  check (told_at is not null or broadcast_id is null)
);
create index held_back_due on held_back (tell_at) where told_at is null;
create index held_back_member on held_back (scheme_id, member_id);
alter table held_back enable row level security;
create policy held_back_own on held_back to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on held_back to tocsin_app;

-- The first instant after another at which clocks in France show so many minutes after midnight.
create function next_local_time(after timestamptz, minutes integer) returns timestamptz language sql stable parallel safe
  return (
    select (case when wanted > here then wanted else wanted + interval '1 day' end) at time zone 'Europe/Paris'
    from (select after at time zone 'Europe/Paris' as here) clock,
      lateral (select date_trunc('day', here) + make_interval(mins => minutes) as wanted) moment);

-- Services of the State that get a copy of every message of an alert; they are no members.
create table observers (
  scheme_id text not null references schemes,
  id        uuid not null,
  agency_id uuid,
  name      text not null check (name <> ''),
  -- E.164 with the plus sign.
  phone     text not null check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  primary key (scheme_id, id),
  unique (scheme_id, phone),
  foreign key (scheme_id, agency_id) references agencies
);
alter table observers enable row level security;
create policy observers_own on observers to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on observers to tocsin_app;

-- The text to send to the caller of a refused report, as decided; null: no answer.
alter table reports add column answer_text text;
alter table reports add constraint reports_answer check (answer_text is null or state = 'refused');
-- A message that is not part of an alert: the answer to the caller of a report, or a digest (neither).
alter table broadcasts alter column alert_id drop not null;
alter table broadcasts add column report_id uuid;
alter table broadcasts add constraint broadcasts_report foreign key (scheme_id, report_id) references reports;
alter table broadcasts add constraint broadcasts_about_one check (alert_id is null or report_id is null);
-- A refusal is answered once.
create unique index broadcasts_answer on broadcasts (scheme_id, report_id) where report_id is not null;
