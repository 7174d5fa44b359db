-- Why: the chamber adds and renames the agencies of its scheme in the console.
-- Locks: agencies, for the time of one column with a constant default.
-- Previous release: still runs; loading a ready-made scheme with it writes the names of the definition again.

-- Named in the console: loading a definition leaves the name as it is.
alter table agencies add column renamed boolean not null default false;
