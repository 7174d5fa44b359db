-- Why: the page of a member tells what happened to it, which the audit record has.
-- Locks: writes of the audit record, while its indexes are made.
-- Previous release: goes on running.

create index audit_entries_subject on audit_entries (scheme_id, subject);
create index audit_entries_of_member on audit_entries (scheme_id, (details->>'member')) where details ? 'member';
