-- Why: a scheme names trades of its own, with their codes of activity and the words of its lists.
-- Locks: schemes, for the time of one column with a constant default.
-- Previous release: still runs; it shows the code of such a trade in place of its name.

-- A list of type Trade (src/schemes/trades.ts); one with the code of a built-in group renames and extends it.
alter table schemes add column own_trades jsonb not null default '[]';
