-- Why: whether an account is the break-glass account is asked at each approval and order, and read every entry of the account, which
-- the planner replaced by a scan of the whole audit log.
-- Locks: audit_entries against writing, while it is read once.
-- Previous release: still runs.

create index audit_entries_break_glass on audit_entries (scheme_id, actor) where action = 'break_glass.open';
