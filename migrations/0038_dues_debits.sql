-- Why: dues are paid by SEPA direct debit too: a mandate that is signed on line, and files for the bank (pain.008).
-- Locks: dues_notices for an instant, to look at its rows.
-- Previous release: goes on running.

alter table dues_notices drop constraint dues_notices_kind_check;
alter table dues_notices add constraint dues_notices_kind_check
  check (kind in ('call', 'reminder', 'warning', 'suspended', 'restored', 'debit'));

create table dues_mandates (
  scheme_id   text not null,
  id          uuid not null,
  member_id   uuid not null,
  -- RUM: unique for the creditor.
  reference   text not null,
  iban        text not null,
  -- Its last four characters: all that people see of it again.
  iban_end    text not null,
  holder      text not null,
  -- The proof: what was signed, by whom, when.
  text        text not null,
  signed_name text not null,
  signed_by   text not null,
  signed_at   timestamptz not null,
  -- The first debit of a mandate is told apart from those that follow.
  used_at     timestamptz,
  revoked_at  timestamptz,
  revoked_by  text,
  primary key (scheme_id, id),
  unique (scheme_id, reference),
  foreign key (scheme_id, member_id) references members
);
create unique index dues_mandates_open on dues_mandates (scheme_id, member_id) where revoked_at is null;
alter table dues_mandates enable row level security;
create policy dues_mandates_own on dues_mandates to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on dues_mandates to tocsin_app;
create policy dues_mandates_contact on dues_mandates for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, member_id, reference, iban_end, holder, signed_at, revoked_at) on dues_mandates to tocsin_contact;

-- A file for the bank, as it was handed over.
create table dues_debit_files (
  scheme_id  text not null references schemes,
  id         uuid not null,
  -- From 1, without holes.
  no         integer not null check (no > 0),
  collect_on date not null,
  xml        text not null,
  state      text not null check (state in ('created', 'collected', 'dropped')),
  created_at timestamptz not null,
  created_by text not null,
  settled_at timestamptz,
  settled_by text,
  primary key (scheme_id, id),
  unique (scheme_id, no)
);
alter table dues_debit_files enable row level security;
create policy dues_debit_files_own on dues_debit_files to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on dues_debit_files to tocsin_app;

create table dues_debits (
  scheme_id    text not null,
  id           uuid not null,
  file_id      uuid not null,
  member_id    uuid not null,
  mandate_id   uuid not null,
  amount_cents integer not null check (amount_cents > 0),
  end_to_end   text not null,
  -- returned: the bank did not collect it, or took it back.
  state        text not null check (state in ('pending', 'collected', 'returned', 'dropped')),
  -- ISO 20022 reason of the return: AM04.
  return_code  text,
  payment_id   uuid,
  primary key (scheme_id, id),
  unique (scheme_id, end_to_end),
  foreign key (scheme_id, file_id) references dues_debit_files,
  foreign key (scheme_id, mandate_id) references dues_mandates,
  foreign key (scheme_id, payment_id) references dues_payments
);
create index dues_debits_file on dues_debits (scheme_id, file_id);
-- What a member owes is collected once.
create unique index dues_debits_pending on dues_debits (scheme_id, member_id) where state = 'pending';
alter table dues_debits enable row level security;
create policy dues_debits_own on dues_debits to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on dues_debits to tocsin_app;
