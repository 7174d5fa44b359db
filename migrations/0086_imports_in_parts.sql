-- Why: on the embedded database, whose one connection everybody shares, an import is written in parts. Its change stays
-- unfinished until the last of them: nobody sees it, other changes of many members wait, and a start undoes what a stop cut off.
-- Locks: member_changes for an instant: a column with a constant, an index over no row.
-- Previous release: goes on running; it would show a change that is cut off as one that can be undone.

alter table member_changes add column unfinished boolean not null default false;
-- One at a time of a scheme.
create unique index member_changes_unfinished on member_changes (scheme_id) where unfinished;
-- What an undoing left nothing of is no change.
grant delete on member_changes, member_change_rows to tocsin_app;
