-- Why: the last act on an account of each scheme, which the seal of its roles needs every minute, was found by reading its chain.
-- Locks: audit_entries, for writing, while the index is built (a second for each million of entries).
-- Previous release: still runs.

create index audit_entries_of_accounts on audit_entries (scheme_id, seq) where action like 'user.%';
