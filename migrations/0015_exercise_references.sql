-- Why: exercises have references of their own (63-26-X014), so that those of real alerts have no holes.
-- Locks: alert_counters, for an instant.
-- Previous release: still runs; it gives exercises references of the real series.

-- The last number given to an exercise in a scheme and year: 14 in 63-26-X014. `last` counts the others.
alter table alert_counters add column last_exercise integer not null default 0;
