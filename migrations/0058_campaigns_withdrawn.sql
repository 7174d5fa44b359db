-- Why: a campaign with a wrong fee is withdrawn while nobody paid, and opened again; those who were told are told so.
-- Locks: ledger_entries, dues_notices and members, for an instant.
-- Previous release: goes on running; it knows not of what was withdrawn.

alter table ledger_entries drop constraint ledger_entries_kind_check;
alter table ledger_entries add constraint ledger_entries_kind_check
  check (kind in ('call', 'payment', 'cancellation', 'waiver', 'withdrawal'));

-- What was told stays when what was owed is withdrawn.
alter table dues_notices drop constraint dues_notices_scheme_id_year_member_id_fkey;
alter table dues_notices add foreign key (scheme_id, member_id) references members;
alter table dues_notices drop constraint dues_notices_kind_check;
alter table dues_notices add constraint dues_notices_kind_check
  check (kind in ('call', 'reminder', 'warning', 'suspended', 'restored', 'debit', 'debit_dropped', 'withdrawn'));

-- Notices that never left were none.
grant delete on dues, dues_campaigns, dues_notices to tocsin_app;

-- Members that were told of a campaign that was withdrawn, until they are told that too.
create table dues_withdrawn (
  scheme_id    text not null,
  year         smallint not null,
  member_id    uuid not null,
  -- What they had been asked for.
  amount_cents integer not null,
  due_on       date not null,
  withdrawn_at timestamptz not null,
  primary key (scheme_id, year, member_id),
  foreign key (scheme_id, member_id) references members
);
alter table dues_withdrawn enable row level security;
create policy dues_withdrawn_own on dues_withdrawn to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update, delete on dues_withdrawn to tocsin_app;
