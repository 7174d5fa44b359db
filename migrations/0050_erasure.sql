-- Why: rows about a member that was erased leave the lists that were not imported yet, and whoever imports is told how many;
-- an erasure says what there was to erase.
-- Locks: member_imports and data_requests, for an instant: a column with a constant, one without.
-- Previous release: goes on running; it tells neither.

alter table member_imports add column erased integer not null default 0;

-- Members that the answer emptied; 0: nothing was kept of whoever asked to be erased. Null: not known, or no erasure that was done.
alter table data_requests add column erased smallint;
