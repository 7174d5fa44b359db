-- Why: who approves a follow-up that was returned and submitted again reads why, and what changed since, as for an alert.
-- Locks: follow_ups, for an instant.
-- Previous release: still runs.

-- The last return with the content as it was then: {at, by, reason, kind, text, level}.
alter table follow_ups add column returned jsonb;
