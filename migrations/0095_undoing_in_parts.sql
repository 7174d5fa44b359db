-- Why: on the embedded database, whose one connection everybody shares, undoing an import of 20,000 rows kept all others waiting for
-- 11 to 14 s. It is done in parts now, as the import is. Its change says so until the last of them: other changes of many members
-- wait, and after a failure or a stop it is gone on with.
-- Locks: member_changes and member_change_rows for an instant: columns without a value, an index over no row.
-- Previous release: goes on running; it would not know a change that is being undone, so end its workers first.

-- When the last part was undone, null: it is not being undone; and who asked for it. `restored` and `kept` count along.
alter table member_changes add column undoing_at timestamptz, add column undoing_by text,
  add check ((undoing_at is null) = (undoing_by is null)), add check (undoing_at is null or undone_at is null);
-- One at a time of a scheme.
create unique index member_changes_undoing on member_changes (scheme_id) where undoing_at is not null;
-- Why an undoing left the member as it is.
alter table member_change_rows add column kept_why text check (kept_why in ('changed', 'history', 'gone'));
