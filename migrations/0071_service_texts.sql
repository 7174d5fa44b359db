-- Why: a scheme writes texts of SMS of service in place of the standard ones.
-- Locks: schemes, for the time of one column with a constant default.
-- Previous release: still runs; it sends the standard texts.

-- A ServiceTexts (src/schemes/contract.ts); an empty or absent text is the standard one.
alter table schemes add column texts jsonb not null default '{}';
