-- Why: dues that are withdrawn or waived after their invoice are corrected by a credit note, numbered in the same series.
-- Locks: dues_invoices, for an instant.
-- Previous release: still runs; it gives no invoices.

alter table dues_invoices
  -- The invoice that a credit note corrects; null for an invoice.
  add column corrects_year smallint,
  add column corrects_no integer,
  add constraint dues_invoices_corrects_both check ((corrects_year is null) = (corrects_no is null)),
  add constraint dues_invoices_corrects foreign key (scheme_id, corrects_year, corrects_no) references dues_invoices,
  -- Once an invoice is corrected, the dues of that year can be invoiced again.
  drop constraint dues_invoices_scheme_id_member_id_dues_year_key;
create index dues_invoices_member on dues_invoices (scheme_id, member_id, dues_year);
create index dues_invoices_corrected on dues_invoices (scheme_id, corrects_year, corrects_no) where corrects_no is not null;
grant select (corrects_year, corrects_no) on dues_invoices to tocsin_contact;

create or replace function invoices_hold() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if new.no > 1 and not exists (
    select from dues_invoices where scheme_id = new.scheme_id and year = new.year and no = new.no - 1) then
    raise exception 'invoice %-% of % leaves a hole', new.year, new.no, new.scheme_id using errcode = 'check_violation';
  end if;
  if new.corrects_no is not null and not exists (
    select from dues_invoices i
    where i.scheme_id = new.scheme_id and i.year = new.corrects_year and i.no = new.corrects_no and i.corrects_no is null
      and i.member_id = new.member_id and i.dues_year = new.dues_year
      and (i.facts->>'amountCents')::int >= (
        select sum((c.facts->>'amountCents')::int) from dues_invoices c
        where c.scheme_id = i.scheme_id and c.corrects_year = i.year and c.corrects_no = i.no)) then
    raise exception 'credit note %-% of % exceeds its invoice', new.year, new.no, new.scheme_id using errcode = 'check_violation';
  end if;
  return null;
end $$;
