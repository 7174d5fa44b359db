-- Why: the second person of an alert is called by a rota, one after the other, and each call is stored.
-- Locks: outbox, for an instant.
-- Previous release: still runs; it calls nobody.

alter table outbox drop constraint outbox_lane_check;
alter table outbox add constraint outbox_lane_check check (lane in ('vital', 'service', 'reminder'));
-- SMS only: sent by simulated routes, whatever routes the installation has.
alter table outbox add column simulated boolean not null default false;

-- The people of a scheme who can be called, each in one role.
create table on_call_people (
  scheme_id  text not null references schemes,
  id         uuid not null,
  role       text not null check (role in ('approver', 'magistrate', 'agency')),
  name       text not null check (name <> ''),
  -- The account, if they have one: an author is not called about their own alert.
  user_id    text references "user",
  -- The agency whose zone they are notified for (role agency), or that they work for.
  agency_id  uuid,
  phone      text check (phone ~ '^\+[1-9][0-9]{6,14}$'),
  mail       text,
  -- The weekly hours on call in the time zone of the scheme: [{days, from, to, rank}]. Empty: called last.
  hours      jsonb not null default '[]',
  version    integer not null default 1,
  created_at timestamptz not null,
  removed_at timestamptz,
  primary key (scheme_id, id),
  foreign key (scheme_id, agency_id) references agencies,
  check (phone is not null or mail is not null or removed_at is not null)
);

-- When somebody is away, and who takes their place in the line; null: nobody.
create table on_call_absences (
  scheme_id     text not null references schemes,
  id            uuid not null,
  person_id     uuid not null,
  substitute_id uuid,
  from_at       timestamptz not null,
  until_at      timestamptz not null check (until_at > from_at),
  primary key (scheme_id, id),
  foreign key (scheme_id, person_id) references on_call_people,
  foreign key (scheme_id, substitute_id) references on_call_people,
  check (substitute_id is distinct from person_id)
);

-- Calls made about one message of an alert, one person after the other, until somebody decides.
create table call_outs (
  scheme_id    text not null references schemes,
  id           uuid not null,
  alert_id     uuid not null,
  -- Null: the first message of the alert.
  follow_up_id uuid,
  -- What they are called for.
  subject      text not null check (subject in ('approval', 'authorisation', 'review')),
  role         text not null check (role in ('approver', 'magistrate', 'agency')),
  -- The words of the alert in the messages: category and commune.
  about        text not null,
  exercise     boolean not null,
  wait_seconds integer not null,
  -- Whom to call, in order, as the rota was at the start: [{id, onCall}].
  line         jsonb not null,
  started_at   timestamptz not null,
  -- When to look again; null: nothing is left to do.
  due_at       timestamptz,
  ended_at     timestamptz,
  ended_why    text,
  primary key (scheme_id, id),
  foreign key (scheme_id, alert_id) references alerts,
  check ((ended_at is null) = (ended_why is null))
);
create index call_outs_due on call_outs (due_at) where ended_at is null and due_at is not null;
create index call_outs_alert on call_outs (scheme_id, alert_id);
-- A message has at most one open call-out for each thing that is asked.
create unique index call_outs_open on call_outs (scheme_id, alert_id, coalesce(follow_up_id, alert_id), subject)
  where ended_at is null;

-- One person called once, by every channel that they have.
create table call_out_calls (
  scheme_id   text not null references schemes,
  call_out_id uuid not null,
  no          smallint not null,
  person_id   uuid not null,
  name        text not null,
  at          timestamptz not null,
  why         text not null check (why in ('first', 'next', 'unreached', 'asked', 'all')),
  -- Whether they had been called before: the message says so.
  again       boolean not null,
  -- The messages in the outbox; null: not called this way.
  sms_id      uuid,
  mail_id     uuid,
  -- The last known state of the SMS and when it got there; null: no SMS.
  sms_state   text check (sms_state in ('waiting', 'sent', 'delivered', 'failed')),
  sms_at      timestamptz,
  -- When the person opened the page.
  opened_at   timestamptz,
  primary key (scheme_id, call_out_id, no),
  foreign key (scheme_id, call_out_id) references call_outs on delete cascade,
  check ((sms_id is null) = (sms_state is null))
);

alter table on_call_people enable row level security;
create policy on_call_people_own on on_call_people to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on on_call_people to tocsin_app;
alter table on_call_absences enable row level security;
create policy on_call_absences_own on on_call_absences to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on on_call_absences to tocsin_app;
alter table call_outs enable row level security;
create policy call_outs_own on call_outs to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on call_outs to tocsin_app;
alter table call_out_calls enable row level security;
create policy call_out_calls_own on call_out_calls to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on call_out_calls to tocsin_app;
