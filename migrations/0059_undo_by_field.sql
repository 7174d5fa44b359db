-- Why: a change of many members is undone field by field, and names whom it touched; the answer to a name that a business asked for
-- has a reason; lists say when a charter was signed on paper.
-- Locks: member_changes, member_change_rows, member_renames and members, for an instant.
-- Previous release: still runs; it undoes a member whole or not at all.

alter table member_changes
  -- Of the restored ones: members of which later values were kept.
  add column partly integer;
alter table member_change_rows
  -- The state after the change; deleted with the one before.
  add column after jsonb,
  -- What the undo left as it was changed since; null: nothing.
  add column kept_fields text[];

-- Why the chamber declined a name; null: it gave no reason, or the name waits.
alter table member_renames add column reason text check (length(reason) between 1 and 200);

-- The day on which the member signed the charter on paper, as the chamber's lists say; null: nobody said.
alter table members add column charter_on date;
