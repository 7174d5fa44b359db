-- Why: a returned transfer whose money came in can be decided to be a payment, and movements of days to come are left out of a
-- statement instead of refusing it. A member that comes back has as long to pay as a new one.
-- Locks: dues_statements and dues_statement_entries, while returned movements are marked (a few per statement); members, for an
-- instant.
-- Previous release: still runs; it has no bank statements.

-- Movements of days to come: counted, not kept.
alter table dues_statements add column to_come integer not null default 0;

-- Of a returned transfer: whether its money came in or went out, which never becomes a payment. Null for any other movement.
alter table dues_statement_entries add column returned text check (returned in ('credit', 'debit'));
-- Which of the two was not recorded: they are not payments.
update dues_statement_entries set returned = 'debit' where state = 'returned';
alter table dues_statement_entries add check (returned is not null or state <> 'returned');

-- When a former or pending member became one again, or was accepted; null: it has been one since it was added.
alter table members add column admitted_at timestamptz;
create function members_admitted() returns trigger language plpgsql as $$
begin
  new.admitted_at := new.updated_at;
  return new;
end $$;
-- The undo of a merge brings back a member that never left.
create trigger members_admitted before update of status on members for each row
  when (old.status in ('left', 'pending') and new.status in ('active', 'suspended') and old.merged_into is null)
  execute function members_admitted();
