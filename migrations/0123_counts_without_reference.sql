-- Why: after each alert, a row a recipient is written here; asking for their scheme, the same for all, took a third of that time.
-- The policy of the table admits the scheme of the transaction only, and schemes are never deleted.
-- Locks: solicitations and schemes, for a moment.
-- Previous release: still runs.

alter table solicitations drop constraint solicitations_scheme_id_fkey;
