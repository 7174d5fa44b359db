-- Why: a check of a list that ends after a newer one, or after a correction, must not write over it.
-- Locks: member_imports for an instant: a column with a constant.
-- Previous release: goes on running; its checks still write over newer ones.

-- Goes up with every correction, every check that begins and the import itself.
alter table member_imports add column state_no integer not null default 0;
