-- Why: a merge that lifts a suspension tells so whoever was told of it.
-- Locks: member_notices, for an instant.
-- Previous release: goes on running; what is told of a merge waits until it is gone.

-- change_id: the change, or the merge, that a member is told of.
alter table member_notices drop constraint member_notices_scheme_id_change_id_fkey;
