-- Why: an update or a correction needs a second person where its alert did, and the prosecutor's word on it is kept like
-- that on the alert: each follow-up that somebody writes is a row, before it leaves and afterwards.
-- Locks: authorisations shortly.
-- Previous release: goes on running; of an alert it may show the authorisation of a follow-up.

create table follow_ups (
  scheme_id       text not null references schemes,
  id              uuid not null,
  alert_id        uuid not null,
  kind            text not null check (kind in ('update', 'correction', 'all_clear')),
  -- As it was written: without the reference, nor the word that marks an exercise.
  text            text not null,
  level           text not null check (level in ('prevention', 'established', 'precise')),
  -- The message it answers: the last one when it was written.
  after_id        uuid not null,
  -- Given by whoever writes: the same order or submission twice is carried out once.
  order_key       uuid not null,
  -- A draft only inside the transaction that writes it.
  state           text not null check (state in ('draft', 'submitted', 'returned', 'rejected', 'ordered', 'discarded')),
  version         integer not null default 1,
  created_at      timestamptz not null,
  created_by      text not null,
  -- Accounts that wrote any of it: none of them approves it.
  author_ids      text[] not null default '{}',
  -- As of an alert (alerts): what was laid before the second person, their answer, the override and its review.
  submitted_at    timestamptz,
  submitted_by    text,
  submitted_hash  text,
  decision        text check (decision in ('returned', 'rejected', 'approved', 'overridden')),
  decided_at      timestamptz,
  decided_by      text,
  decided_by_id   text,
  decision_reason text,
  review          text check (review in ('open', 'justified', 'not_justified')),
  reviewed_at     timestamptz,
  reviewed_by     text,
  review_note     text,
  -- The message that it became.
  broadcast_id    uuid,
  primary key (scheme_id, id),
  foreign key (scheme_id, alert_id) references alerts,
  foreign key (scheme_id, after_id) references broadcasts,
  foreign key (scheme_id, broadcast_id) references broadcasts,
  check ((submitted_at is null) = (submitted_hash is null)),
  check ((decision is null) = (decided_at is null)),
  check ((review is not null) = (decision is not distinct from 'overridden')),
  check ((reviewed_at is null) = (review is null or review = 'open')),
  check ((state = 'ordered') = (broadcast_id is not null))
);
create index follow_ups_alert on follow_ups (scheme_id, alert_id, created_at);
-- An alert has one at most that waits for a person.
create unique index follow_ups_waiting on follow_ups (scheme_id, alert_id) where state in ('submitted', 'returned');
create index follow_ups_review_open on follow_ups (scheme_id, alert_id) where review = 'open';
alter table follow_ups enable row level security;
create policy follow_ups_own on follow_ups to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on follow_ups to tocsin_app;

-- Null: of the first message.
alter table authorisations add column follow_up_id uuid;
alter table authorisations add constraint authorisations_follow_up
  foreign key (scheme_id, follow_up_id) references follow_ups;
drop index authorisations_in_force;
create unique index authorisations_in_force on authorisations (scheme_id, alert_id, follow_up_id) nulls not distinct
  where void_at is null;
