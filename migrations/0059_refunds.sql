-- Why: money that went back to a member is a movement of the ledger too, with a numbered paper of its own.
-- Locks: ledger_entries and dues_receipts, for an instant.
-- Previous release: goes on running; it does not show refunds, but its balances count them.

alter table ledger_entries drop constraint ledger_entries_kind_check;
alter table ledger_entries add constraint ledger_entries_kind_check
  check (kind in ('call', 'payment', 'cancellation', 'waiver', 'withdrawal', 'refund'));

create table dues_refunds (
  scheme_id       text not null references schemes,
  id              uuid not null,
  member_id       uuid not null,
  -- Which payment a part of went back; null: what was paid in advance.
  payment_id      uuid,
  way             text not null check (way in ('transfer', 'cheque', 'cash', 'card')),
  amount_cents    integer not null check (amount_cents > 0),
  paid_on         date not null,
  -- Number of the cheque, label of the transfer; empty: none.
  reference       text not null,
  reason          text not null,
  entry_no        integer not null,
  recorded_at     timestamptz not null,
  recorded_by     text not null,
  cancelled_at    timestamptz,
  cancelled_by    text,
  cancel_reason   text,
  cancel_entry_no integer,
  check ((cancelled_at is null) = (cancel_entry_no is null)),
  primary key (scheme_id, id),
  foreign key (scheme_id, payment_id) references dues_payments,
  foreign key (scheme_id, entry_no) references ledger_entries,
  foreign key (scheme_id, cancel_entry_no) references ledger_entries,
  foreign key (scheme_id, member_id) references members
);
create index dues_refunds_member on dues_refunds (scheme_id, member_id, entry_no);
alter table dues_refunds enable row level security;
create policy dues_refunds_own on dues_refunds to tocsin_app using (scheme_id = current_scheme());
grant select, insert, update on dues_refunds to tocsin_app;
create policy dues_refunds_contact on dues_refunds for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, member_id, payment_id, way, amount_cents, paid_on, reference, reason, entry_no, cancelled_at,
  cancel_reason) on dues_refunds to tocsin_contact;

-- Receipts and the papers of refunds are numbered together.
alter table dues_receipts alter column payment_id drop not null;
alter table dues_receipts
  add column refund_id uuid,
  add check ((payment_id is null) <> (refund_id is null)),
  add foreign key (scheme_id, refund_id) references dues_refunds,
  add unique (scheme_id, refund_id, cancels);
grant select (refund_id) on dues_receipts to tocsin_contact;

-- As before (0052), and of the paper of a refund: why.
create or replace function receipts_are_kept() returns trigger language plpgsql as $$
declare
  before date := nullif(current_setting('tocsin.books_before', true), '')::date;
begin
  if tg_op = 'UPDATE' and make_date(old.year, 1, 1) < before and new.facts->'member' = 'null'::jsonb
    and to_jsonb(new) - 'facts' = to_jsonb(old) - 'facts'
    and new.facts - 'member' - 'reference' - 'cancels' - 'refund'
      = old.facts - 'member' - 'reference' - 'cancels' - 'refund' then
    return new;
  end if;
  raise exception 'the ledger is added to, never changed' using errcode = 'check_violation';
end $$;
