-- Why: payments are recorded from the statement of the bank account, each movement once, however often files repeat it.
-- Locks: nothing that exists.
-- Previous release: still runs; it knows nothing of statements, and what it cancels shows as cancelled.

create table dues_statements (
  scheme_id   text not null references schemes,
  id          uuid not null,
  file        text not null,
  format      text not null check (format in ('camt053', 'cfonb120', 'csv')),
  uploaded_at timestamptz not null,
  uploaded_by text not null,
  -- Movements that an earlier file had, debits, and those too old to be recorded: counted, not kept.
  known       integer not null,
  debits      integer not null,
  old         integer not null,
  primary key (scheme_id, id)
);
grant select, insert, update, delete on dues_statements to tocsin_app;
alter table dues_statements enable row level security;
create policy dues_statements_own on dues_statements to tocsin_app using (scheme_id = current_scheme());
alter table dues_statements force row level security;
grant select, insert, update, delete, maintain on dues_statements to tocsin_service;
create policy dues_statements_across on dues_statements to tocsin_service using (true);

-- Money that arrived on the account. What is sure and what is doubtful depends on what members owe, and is not stored.
create table dues_statement_entries (
  scheme_id    text not null references schemes,
  id           uuid not null,
  statement_id uuid not null,
  line         integer not null,
  -- Of the bank's own id, day and amount, or of all that it wrote: the same movement in another file has the same one.
  digest       text not null check (length(digest) = 64),
  booked_on    date not null,
  amount_cents integer not null check (amount_cents > 0),
  state        text not null check (state in ('open', 'returned', 'applied', 'set_aside')),
  -- Who paid and what was written, sealed; null after its retention.
  details      jsonb,
  payment_id   uuid,
  decided_at   timestamptz,
  decided_by   text,
  check ((state = 'applied') = (payment_id is not null)),
  primary key (scheme_id, id),
  unique (scheme_id, digest),
  foreign key (scheme_id, statement_id) references dues_statements,
  foreign key (scheme_id, payment_id) references dues_payments
);
create index dues_statement_entries_of on dues_statement_entries (scheme_id, statement_id, line);
create index dues_statement_entries_payment on dues_statement_entries (scheme_id, payment_id) where payment_id is not null;
grant select, insert, update, delete on dues_statement_entries to tocsin_app;
alter table dues_statement_entries enable row level security;
create policy dues_statement_entries_own on dues_statement_entries to tocsin_app using (scheme_id = current_scheme());
alter table dues_statement_entries force row level security;
grant select, insert, update, delete, maintain on dues_statement_entries to tocsin_service;
create policy dues_statement_entries_across on dues_statement_entries to tocsin_service using (true);
