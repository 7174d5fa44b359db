-- Why: the undo of a trade chamber leaves members that were moved to another trade since as they are, also when it is resumed.
-- Locks: member_changes, for an instant.
-- Previous release: still runs; its undos are not limited.

alter table member_changes
  -- The trades of the user whose undo is under way; null: all, or none is.
  add column undoing_trades text[];
