-- Why: a wall display ends with the right of the account that opened it (ADR 54).
-- Locks: wall_displays, for a column without default.
-- Previous release: still runs; the displays that it opens have no account, and end within 12 hours.

alter table wall_displays
  -- The account that opened it; null for displays opened before.
  add column user_id text;
