-- Why: the settings show when the last mail of a scheme was accepted by the mail server, and why the last one was not.
-- Locks: nothing that is in use.
-- Previous release: still runs; it neither reads nor writes them.

-- The last outcome of each kind, without the mail or its recipient.
create table mail_outcomes (
  scheme_id text not null references schemes on delete cascade,
  outcome   text not null check (outcome in ('accepted', 'failed')),
  at        timestamptz not null,
  -- Of a failure: its kind (src/outbox/faults.ts), and the code of the server or of the connection.
  fault     text,
  code      text,
  primary key (scheme_id, outcome)
);
grant select, insert, update, delete on mail_outcomes to tocsin_app;
alter table mail_outcomes enable row level security;
alter table mail_outcomes force row level security;
create policy mail_outcomes_own on mail_outcomes to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete, maintain on mail_outcomes to tocsin_service;
create policy mail_outcomes_across on mail_outcomes to tocsin_service using (true);
