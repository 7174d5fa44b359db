-- Why: a debit is taken out of a file that did not go to the bank yet, since its member paid by another way; and one says the
-- years that it collects, which are due by its day.
-- Locks: dues_notices, dues_debits and dues_debit_files, for an instant.
-- Previous release: goes on running; it knows of no file that was handed over, and makes none again.

alter table dues_notices drop constraint dues_notices_kind_check;
alter table dues_notices add constraint dues_notices_kind_check
  check (kind in ('call', 'reminder', 'warning', 'suspended', 'restored', 'debit', 'debit_dropped'));

-- Cents by year, oldest first: [{"year": 2026, "amountCents": 1000}]. Empty: made before it was kept.
alter table dues_debits add column years jsonb not null default '[]';

alter table dues_debit_files
  -- Made again so many times, and when it is what was downloaded last.
  add column version       smallint not null default 1,
  add column downloaded_at timestamptz,
  -- The chamber says that the bank has it: nothing is taken out of it any more.
  add column handed_at     timestamptz,
  add column handed_by     text;

-- Files as they were before a debit was taken out of them.
create table dues_debit_file_versions (
  scheme_id   text not null,
  file_id     uuid not null,
  version     smallint not null,
  xml         text not null,
  -- When, by whom and why it was replaced, and the debit that is in it and not in the next one.
  replaced_at timestamptz not null,
  replaced_by text not null,
  debit_id    uuid not null,
  primary key (scheme_id, file_id, version),
  foreign key (scheme_id, file_id) references dues_debit_files
);
alter table dues_debit_file_versions enable row level security;
create policy dues_debit_file_versions_own on dues_debit_file_versions to tocsin_app using (scheme_id = current_scheme());
grant select, insert on dues_debit_file_versions to tocsin_app;
