-- Why: who approves an alert that was returned and submitted again reads why, and what changed since.
-- Locks: alerts, for an instant.
-- Previous release: still runs.

-- The last return with the content as it was then: {at, by, reason, text, areaLabel, level, trades, members}.
alter table alerts add column returned jsonb;
