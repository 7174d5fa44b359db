-- Why: a scheme that is in French only needs no English names of its trades and categories.
-- Locks: schemes, for a moment.
-- Previous release: still runs; it does not read them.

-- The languages in which names of the scheme are written, French among them.
alter table schemes add column languages text[] not null default '{fr,en}'
  check ('fr' = any (languages) and languages <@ '{fr,en}');
