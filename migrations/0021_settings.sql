-- Why: two who set the doctrine of a scheme at once do not undo each other unseen; screens say who set it last, and who
-- published a charter.
-- Locks: schemes and charters, for an instant.
-- Previous release: runs on; what it sets of a doctrine counts as no version.

-- Counts up with every change.
alter table schemes
  add column doctrine_version integer not null default 1,
  -- Null: as it was loaded.
  add column doctrine_set_at timestamptz,
  -- The name of the person.
  add column doctrine_set_by text;
-- Null: the one that came with the program.
alter table charters add column published_by text;
