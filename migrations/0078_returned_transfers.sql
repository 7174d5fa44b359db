-- Why: a returned transfer whose money came in can be decided to be a payment, and movements of days to come are left out of a
-- statement instead of refusing it.
-- Locks: dues_statements and dues_statement_entries, while returned movements are marked (a few per statement).
-- Previous release: has no bank statements.

-- Movements of days to come: counted, not kept.
alter table dues_statements add column to_come integer not null default 0;

-- Of a returned transfer: whether its money came in or went out, which never becomes a payment. Null for any other movement.
alter table dues_statement_entries add column returned text check (returned in ('credit', 'debit'));
-- Which of the two was not recorded: they are not payments.
update dues_statement_entries set returned = 'debit' where state = 'returned';
alter table dues_statement_entries add check (returned is not null or state <> 'returned');
