-- Why: members owe a fee a year; what is called, paid, cancelled and waived is money, and stands in a ledger that balances.
-- Locks: schemes for an instant; the rest is new.
-- Previous release: goes on running.

-- What a scheme sets of its dues (src/schemes/contract.ts).
alter table schemes add column dues jsonb not null default '{}';

-- One campaign a year and scheme.
create table dues_campaigns (
  scheme_id  text not null references schemes,
  year       smallint not null check (year between 2000 and 2100),
  fee_cents  integer not null check (fee_cents between 0 and 10000000),
  -- Cents by trade code, where they differ.
  trade_fees jsonb not null default '{}',
  -- Whoever joins in the year pays for the months that are left.
  pro_rata   boolean not null,
  due_on     date not null,
  opened_at  timestamptz not null,
  opened_by  text not null,
  primary key (scheme_id, year)
);
alter table dues_campaigns enable row level security;
create policy dues_campaigns_own on dues_campaigns to tocsin_app using (scheme_id = current_scheme());
grant select, insert on dues_campaigns to tocsin_app;

-- What a member owes for a year. What remains of it is in the ledger: payments settle the oldest year first.
create table dues (
  scheme_id    text not null,
  year         smallint not null,
  member_id    uuid not null,
  -- 0: exempt.
  amount_cents integer not null check (amount_cents between 0 and 10000000),
  due_on       date not null,
  assessed_at  timestamptz not null,
  primary key (scheme_id, year, member_id),
  foreign key (scheme_id, year) references dues_campaigns,
  foreign key (scheme_id, member_id) references members
);
create index dues_member on dues (scheme_id, member_id);
alter table dues enable row level security;
create policy dues_own on dues to tocsin_app using (scheme_id = current_scheme());
grant select, insert on dues to tocsin_app;

-- Numbers that are given in order: the row is locked until the transaction ends, so that none is lost when it fails.
create table dues_counters (
  scheme_id text not null references schemes,
  -- `ledger`, or `receipts-YEAR`.
  name      text not null,
  last      integer not null check (last >= 0),
  primary key (scheme_id, name)
);
alter table dues_counters enable row level security;
create policy dues_counters_own on dues_counters to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on dues_counters to tocsin_app;

-- The ledger, in double entry. Added to, never changed: what is wrong is reversed by another entry.
create table ledger_entries (
  scheme_id  text not null references schemes,
  -- From 1, without holes.
  no         integer not null check (no > 0),
  -- The day that it counts for.
  entered_on date not null,
  kind       text not null check (kind in ('call', 'payment', 'cancellation', 'waiver')),
  -- Whose account it moves, and how that was called then.
  member_id  uuid not null,
  member     text not null,
  -- What it stands on: a receipt, a campaign.
  piece      text not null,
  written_at timestamptz not null,
  written_by text not null,
  primary key (scheme_id, no)
);
create index ledger_entries_member on ledger_entries (scheme_id, member_id, no);
alter table ledger_entries enable row level security;
create policy ledger_entries_own on ledger_entries to tocsin_app using (scheme_id = current_scheme());
grant select, insert on ledger_entries to tocsin_app;

create table ledger_lines (
  scheme_id    text not null,
  no           integer not null,
  line         smallint not null check (line > 0),
  -- By its role; src/members/dues/accounting.ts says under which number it is exported.
  account      text not null check (account in ('receivable', 'income', 'bank', 'cheques', 'cash', 'cards')),
  -- Of the account of a member.
  member_id    uuid,
  debit_cents  integer not null check (debit_cents >= 0),
  credit_cents integer not null check (credit_cents >= 0),
  check ((debit_cents = 0) <> (credit_cents = 0)),
  check ((account = 'receivable') = (member_id is not null)),
  primary key (scheme_id, no, line),
  foreign key (scheme_id, no) references ledger_entries
);
create index ledger_lines_member on ledger_lines (scheme_id, member_id) include (debit_cents, credit_cents) where member_id is not null;
alter table ledger_lines enable row level security;
create policy ledger_lines_own on ledger_lines to tocsin_app using (scheme_id = current_scheme());
grant select, insert on ledger_lines to tocsin_app;

-- When the transaction ends: an entry has both sides, they are equal, and no number before it is missing.
create function ledger_holds() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if not exists (
    select from ledger_lines where scheme_id = new.scheme_id and no = new.no
    having sum(debit_cents) = sum(credit_cents) and sum(debit_cents) > 0) then
    raise exception 'entry % of the ledger of % does not balance', new.no, new.scheme_id using errcode = 'check_violation';
  end if;
  if new.no > 1 and not exists (select from ledger_entries where scheme_id = new.scheme_id and no = new.no - 1) then
    raise exception 'entry % of the ledger of % leaves a hole', new.no, new.scheme_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger ledger_entries_hold after insert on ledger_entries deferrable initially deferred
  for each row execute function ledger_holds();
create constraint trigger ledger_lines_hold after insert on ledger_lines deferrable initially deferred
  for each row execute function ledger_holds();

-- Not even the owner changes what was written.
create function ledger_is_kept() returns trigger language plpgsql as $$
begin
  raise exception 'the ledger is added to, never changed' using errcode = 'check_violation';
end $$;
create trigger ledger_entries_kept before update or delete on ledger_entries for each row execute function ledger_is_kept();
create trigger ledger_lines_kept before update or delete on ledger_lines for each row execute function ledger_is_kept();

create table dues_payments (
  scheme_id       text not null references schemes,
  id              uuid not null,
  member_id       uuid not null,
  way             text not null check (way in ('transfer', 'cheque', 'cash', 'card', 'debit')),
  amount_cents    integer not null check (amount_cents > 0),
  -- When the money came.
  received_on     date not null,
  -- Number of the cheque, label of the transfer; empty: none.
  reference       text not null,
  -- Of a payment that a provider or a bank tells of: the same one is taken once.
  outside_id      text,
  entry_no        integer not null,
  recorded_at     timestamptz not null,
  recorded_by     text not null,
  cancelled_at    timestamptz,
  cancelled_by    text,
  cancel_reason   text,
  cancel_entry_no integer,
  check ((cancelled_at is null) = (cancel_entry_no is null)),
  primary key (scheme_id, id),
  unique (scheme_id, way, outside_id),
  foreign key (scheme_id, entry_no) references ledger_entries,
  foreign key (scheme_id, cancel_entry_no) references ledger_entries,
  foreign key (scheme_id, member_id) references members
);
create index dues_payments_member on dues_payments (scheme_id, member_id, entry_no);
alter table dues_payments enable row level security;
create policy dues_payments_own on dues_payments to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on dues_payments to tocsin_app;

-- Numbered by year, without holes. What one says is kept as it was: it reads the same in ten years.
create table dues_receipts (
  scheme_id  text not null,
  year       smallint not null,
  no         integer not null check (no > 0),
  payment_id uuid not null,
  member_id  uuid not null,
  -- Takes back the one of its payment.
  cancels    boolean not null,
  facts      jsonb not null,
  issued_at  timestamptz not null,
  primary key (scheme_id, year, no),
  unique (scheme_id, payment_id, cancels),
  foreign key (scheme_id, payment_id) references dues_payments
);
create index dues_receipts_member on dues_receipts (scheme_id, member_id);
alter table dues_receipts enable row level security;
create policy dues_receipts_own on dues_receipts to tocsin_app using (scheme_id = current_scheme());
grant select, insert on dues_receipts to tocsin_app;
create function receipts_hold() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.no > 1 and not exists (
    select from dues_receipts where scheme_id = new.scheme_id and year = new.year and no = new.no - 1) then
    raise exception 'receipt %-% of % leaves a hole', new.year, new.no, new.scheme_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger dues_receipts_hold after insert on dues_receipts deferrable initially deferred
  for each row execute function receipts_hold();
create trigger dues_receipts_kept before update or delete on dues_receipts for each row execute function ledger_is_kept();
