-- Why: the chamber enters and edits single members, each edit being a change that can be undone for a day.
-- Locks: member_changes, for the time of a check of its rows.
-- Previous release: still runs; its list of changes refuses a kind that it does not know.

alter table member_changes drop constraint member_changes_kind_check;
alter table member_changes add constraint member_changes_kind_check
  check (kind in ('import', 'create', 'edit', 'suspend', 'resume', 'leave', 'trade'));
