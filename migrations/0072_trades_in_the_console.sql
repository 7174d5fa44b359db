-- Why: the chamber edits the trades of its scheme in the console.
-- Locks: schemes, for the time of one column with a constant default.
-- Previous release: still runs; loading a ready-made scheme with it writes the trades of the definition again.

-- Incremented with every change in the console; from 2 on, loading a definition leaves the trades as they are.
alter table schemes add column trades_version integer not null default 1;
