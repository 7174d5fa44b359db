-- Why: the law keeps books for ten years after the end of their year (Code de commerce, L123-22), and what names people in them
-- no longer than that: it is emptied, and the amounts, which balances stand on, stay.
-- Locks: nothing for more than an instant, but writes of ledger_entries while its index is made.
-- Previous release: goes on running; it empties nothing.

-- What names somebody in an entry of closed books: how the member was called, and why it was let off. Nothing else of what was
-- written changes, ever; and this only where the purge says so (src/alerts/retention/purge.ts), of entries before the day it says.
create function entries_are_kept() returns trigger language plpgsql as $$
declare
  before date := nullif(current_setting('tocsin.books_before', true), '')::date;
begin
  if tg_op = 'UPDATE' and old.entered_on < before and new.member = ''
    and new.piece = (case when old.kind = 'waiver' then '' else old.piece end)
    and to_jsonb(new) - 'member' - 'piece' = to_jsonb(old) - 'member' - 'piece' then
    return new;
  end if;
  raise exception 'the ledger is added to, never changed' using errcode = 'check_violation';
end $$;
drop trigger ledger_entries_kept on ledger_entries;
create trigger ledger_entries_kept before update or delete on ledger_entries for each row execute function entries_are_kept();

-- The same of a receipt: whom it was for, by which reference, why it was taken back.
create function receipts_are_kept() returns trigger language plpgsql as $$
declare
  before date := nullif(current_setting('tocsin.books_before', true), '')::date;
begin
  if tg_op = 'UPDATE' and make_date(old.year, 1, 1) < before and new.facts->'member' = 'null'::jsonb
    and to_jsonb(new) - 'facts' = to_jsonb(old) - 'facts'
    and new.facts - 'member' - 'reference' - 'cancels' = old.facts - 'member' - 'reference' - 'cancels' then
    return new;
  end if;
  raise exception 'the ledger is added to, never changed' using errcode = 'check_violation';
end $$;
drop trigger dues_receipts_kept on dues_receipts;
create trigger dues_receipts_kept before update or delete on dues_receipts for each row execute function receipts_are_kept();

create index ledger_entries_named on ledger_entries (entered_on) where member <> '';
create index dues_receipts_named on dues_receipts (year) where facts->'member' <> 'null'::jsonb;
create index dues_notices_old on dues_notices (at);
