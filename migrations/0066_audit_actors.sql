-- Why: the audit record is filtered by those who acted, whether they have a role still or not.
-- Locks: writes of the audit record, while its index is made.
-- Previous release: goes on running.

create index audit_entries_actor on audit_entries (scheme_id, actor, seq);
