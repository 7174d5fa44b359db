-- Why: the people of a member see what it owes, what it paid, and its receipts.
-- Locks: nothing for more than an instant.
-- Previous release: goes on running.

create policy dues_contact on dues for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, year, member_id, amount_cents, due_on) on dues to tocsin_contact;
create policy ledger_lines_contact on ledger_lines for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, no, member_id, debit_cents, credit_cents) on ledger_lines to tocsin_contact;
create policy dues_payments_contact on dues_payments for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, id, member_id, way, amount_cents, received_on, reference, entry_no, cancelled_at, cancel_reason)
  on dues_payments to tocsin_contact;
create policy dues_receipts_contact on dues_receipts for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select (scheme_id, year, no, payment_id, member_id, cancels, facts, issued_at) on dues_receipts to tocsin_contact;
create policy dues_suspensions_contact on dues_suspensions for select to tocsin_contact
  using (scheme_id = current_scheme() and member_id = current_member());
grant select on dues_suspensions to tocsin_contact;
