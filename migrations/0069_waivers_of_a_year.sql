-- Why: what is let off of the fee of one year is told apart, so that it is taken back with the campaign of that year alone.
-- Locks: ledger_entries, for an instant.
-- Previous release: goes on running.

-- Of a waiver: the year that it lets off; null: whatever was owed then.
alter table ledger_entries add column year smallint;
