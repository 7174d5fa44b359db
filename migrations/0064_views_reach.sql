-- Why: the name and the words of a saved view may name members, and a shared one was seen by those who may not see them.
-- What whoever saved it sees is kept with it: shared, it is for those who see as much. Of one that was saved before nobody
-- knows: as by somebody who sees all, until it is saved again.
-- Locks: member_views for an instant; no row is rewritten.
-- Previous release: goes on running.

alter table member_views
  -- Null: members of every trade.
  add column trades text[],
  -- Numbers and addresses in full.
  add column numbers boolean not null default true;
